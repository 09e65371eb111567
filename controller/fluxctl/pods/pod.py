"""A pod: one machine (here: one process) that makes pictures; what is known of it without asking it."""

from dataclasses import dataclass, field

from fluxctl.pods.rent_wish import RentWish
from fluxctl.pods.rental import Rental
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
    rental: Rental | None = None
    """What the market said of it when it was last asked; None: it costs nothing."""
    adopted: bool = False
    """It bears this user's tag, and this ledger did not know it: another computer made it, or a ledger was lost."""
    resumed_at: float | None = None
    """When a pod that had been stopped was started again; None: it never was."""
    earlier_cost_usd: float = 0.0
    """What it had cost until then."""

    @property
    def latest_end_at(self) -> float:
        """Return when its lifetime ends, in seconds since 1970 (UTC)."""
        return (self.created_at if self.resumed_at is None else self.resumed_at) + self.limits.lifetime_seconds

    def cost_usd(self, now: float) -> float | None:
        """Given the time, return what it has cost so far; None where it costs nothing, or its price is not known."""
        if self.rental is None or self.rental.price_per_hour_usd is None:
            return None
        began = self.created_at if self.resumed_at is None else self.resumed_at
        return self.earlier_cost_usd + self.rental.price_per_hour_usd * max(0.0, now - began) / 3600


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
