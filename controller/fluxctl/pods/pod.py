"""A pod: one machine (here: one process) that makes pictures; what is known of it without asking it."""

from dataclasses import dataclass, field

from fluxctl.pods.rent_wish import RentWish
from fluxpod.pod_contract import Limits


@dataclass(frozen=True)
class PodPlan:
    """What a new pod is to be."""

    model: str
    """Name of the model card whose model is loaded first."""
    source: str
    """`embedded`, a hub id, or an absolute folder."""
    limits: Limits
    queue_limit: int
    keep_results_seconds: float
    hub_token: str | None = field(default=None, repr=False)
    """For downloads from Hugging Face. A secret."""
    rent: RentWish | None = None
    """Where and at what price; None where pods cost nothing."""


@dataclass(frozen=True)
class Pod:
    """A pod that was created."""

    id: str
    provider: str
    created_at: float
    """Seconds since 1970 (UTC)."""
    model: str
    """Name of the model card that it was started with."""
    source: str
    limits: Limits

    @property
    def latest_end_at(self) -> float:
        """Return when its lifetime ends, in seconds since 1970 (UTC)."""
        return self.created_at + self.limits.lifetime_seconds


@dataclass(frozen=True)
class LogTail:
    """The end of a log, and where the whole of it is."""

    lines: tuple[str, ...]
    path: str


@dataclass(frozen=True)
class WatchReport:
    """What the pod's watchdog does and will do."""

    alive: bool
    log: str
    reason: str | None = None
    """What the next end would be for: `idle`, `boot` or `lifetime`; None: the watchdog has not said yet."""
    ends_at: float | None = None
    """When that would be if nobody used the pod meanwhile, in seconds since 1970 (UTC)."""
    lifetime_ends_at: float | None = None
    """Seconds since 1970 (UTC)."""
    in_use: bool = False
    """Work moves, or `keep` holds: the idle clock stands still."""
