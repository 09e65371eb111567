"""Decides what is to become of a pod that is rented now."""

from dataclasses import dataclass, field, replace

from tests.cloud.pod import Life, Order
from tests.cloud.system_log import missing_image, mount_is_broken

EXITS_AFTER_SECONDS = 6.0
"""So soon a pod whose image does not exist was seen to go."""


@dataclass
class Lives:
    """What was laid down for the pods to come."""

    usual: Life = field(default_factory=Life)
    """Of a pod for which nothing was."""
    coming: list[Life] = field(default_factory=list[Life])
    """Of the next ones, in this order."""
    missing_images: dict[str, str] = field(default_factory=dict[str, str])
    """Image → `exits` or `loops`."""

    def take(self, order: Order) -> Life:
        """Return the life of the next pod."""
        life = self.coming.pop(0) if self.coming else replace(self.usual)
        how = self.missing_images.get(order.image)
        if how == "exits":
            life = replace(life, pull_seconds=3600.0, exits_after_seconds=EXITS_AFTER_SECONDS)
        elif how == "loops":
            life = replace(life, pull_error=missing_image(order.image))
        return replace(life, gives_port=False) if mount_is_broken(order) else life
