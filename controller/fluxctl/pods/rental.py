"""A rental: what the market that rents out machines says of one pod."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fluxpod.pod_contract import OWNER_ID


class RentalState(StrEnum):
    """Where the market says that a pod stands; RUNNING says nothing of SSH or the worker."""

    STARTING = "starting"
    """It is rented, and no container is reported yet: the image is pulled, the container made."""
    RUNNING = "running"
    STOPPED = "stopped"
    """It holds its disk and costs storage."""
    GONE = "gone"
    UNKNOWN = "unknown"
    """The market used a word that is not known here: never a reason to end anything, or to call it gone."""


@dataclass(frozen=True)
class Rental:
    """One pod of the account, as the market described it just now."""

    id: str
    name: str
    state: RentalState
    reason: str
    """The market's own text of its last change, "" where it gives none."""
    gpu_type: str | None
    price_per_hour_usd: float | None
    created_at: float | None
    """Seconds since 1970 (UTC) on the market's clock."""
    data_center: str | None
    volume_id: str | None
    image: str
    ssh_host: str | None
    ssh_port: int | None
    """Public address of port 22; both None until there is one. It changes whenever the container starts anew."""
    environment: Mapping[str, str] = field(repr=False)
    """What was handed over at creation. Secrets are among it."""

    @property
    def owner_id(self) -> str:
        """Return the tag of the user who made it, "" where it bears none."""
        return self.environment.get(OWNER_ID, "")
