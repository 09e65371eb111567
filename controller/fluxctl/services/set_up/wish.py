"""What a person said to `init`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NEW = "new"
NONE = "none"


@dataclass(frozen=True)
class SetUpWish:
    """Flags, and the keys of a secrets file. None and (): not said."""

    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Variable → key."""
    save_keys: bool = True
    """Whether keys of the environment are written into config.env too."""
    yes: bool = False
    """What is proposed is taken, also where it costs money."""
    model: str | None = None
    gpu_types: tuple[str, ...] = ()
    image: str | None = None
    registry_auth_id: str | None = None
    ssh_key: str | None = None
    volume: str | None = None
    """An id, a name, `new` or `none`."""
    volume_name: str | None = None
    volume_size_gb: int | None = None
    data_center: str | None = None
