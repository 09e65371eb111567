"""What the ledger holds of rented pods: an intent to rent one, and a pod that was rented. Times are seconds since 1970 (UTC)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

CostBasis = Literal["estimated", "billed"]
SECONDS_PER_HOUR = 3600.0


class IntentState(StrEnum):
    """What is known of the pod that an intent stands for."""

    OPEN = "open"
    """The market was asked, or will be in a moment; what came of it is not known."""
    ABSENT = "absent"
    """It was looked for long enough and not found; one that comes all the same is ended."""
    ADOPTED = "adopted"
    """It stands under `pods`."""
    REFUSED = "refused"
    """The market said that it made none."""
    CLOSED = "closed"
    """It never came, or came late and was ended."""


class PodState(StrEnum):
    """What is known of a rented pod."""

    LIVE = "live"
    STOPPED = "stopped"
    """It holds its disk, which costs."""
    ENDING = "ending"
    """Its end was asked for and is not confirmed."""
    GONE = "gone"
    """The market itself said so."""


@dataclass(frozen=True)
class Intent:
    """That a pod was about to be rented: written before the market hears of it."""

    name: str
    """Of the pod, and of no other."""
    provider: str
    account_id: str
    """Whose key was used; "" where the key may not say it."""
    created_at: float
    """On the market's clock."""
    gpu_type: str
    price_per_hour_usd: float
    volume_id: str | None = None
    state: IntentState = IntentState.OPEN
    pod_id: str | None = None
    settled_at: float | None = None

    def row(self) -> tuple[Any, ...]:
        """Return the values of the columns of `intents`, in their order."""
        return (
            self.name,
            self.provider,
            self.account_id,
            str(self.state),
            self.created_at,
            self.gpu_type,
            self.price_per_hour_usd,
            self.volume_id,
            self.pod_id,
            self.settled_at,
        )

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> "Intent":
        """Given the columns of `intents`, return the entry."""
        name, provider, account_id, state, created_at, gpu_type, price, volume_id, pod_id, settled_at = row
        return cls(name, provider, account_id, created_at, gpu_type, price, volume_id, IntentState(state), pod_id, settled_at)


@dataclass(frozen=True)
class RentedPod:
    """A pod that was rented, or found and taken over."""

    id: str
    name: str
    provider: str
    account_id: str
    gpu_type: str | None
    price_per_hour_usd: float | None
    created_at: float
    """On the market's clock."""
    started_at: float
    """The last time; later than `created_at` for one that was stopped in between."""
    lifetime_seconds: float
    """Since its start."""
    volume_id: str | None = None
    state: PodState = PodState.LIVE
    ended_at: float | None = None
    """When it was stopped or its end was asked for."""
    earlier_cost_usd: float = 0.0
    """Of the times before it was stopped."""
    cost_usd: float | None = None
    """Once it has ended; None: not yet, or nobody knows its price."""
    cost_basis: CostBasis = "estimated"
    adopted: bool = False
    """Another computer rented it, or a ledger that was lost."""

    def cost_until(self, now: float) -> float | None:
        """Return what it has cost by now, or until it ended; None where nobody knows its price."""
        if self.cost_usd is not None:
            return self.cost_usd
        if self.price_per_hour_usd is None:
            return None
        seconds = max(0.0, (now if self.ended_at is None else self.ended_at) - self.started_at)
        return self.earlier_cost_usd + self.price_per_hour_usd * seconds / SECONDS_PER_HOUR

    @property
    def was_resumed(self) -> bool:
        """Return whether it was stopped and started again: what lies on its disk may be worth something."""
        return self.started_at > self.created_at

    @property
    def latest_end_at(self) -> float:
        """Return when its lifetime ends."""
        return self.started_at + self.lifetime_seconds

    def row(self) -> tuple[Any, ...]:
        """Return the values of the columns of `pods`, in their order."""
        return (
            self.id,
            self.name,
            self.provider,
            self.account_id,
            str(self.state),
            self.gpu_type,
            self.price_per_hour_usd,
            self.volume_id,
            self.created_at,
            self.started_at,
            self.lifetime_seconds,
            self.ended_at,
            self.earlier_cost_usd,
            self.cost_usd,
            self.cost_basis,
            int(self.adopted),
        )

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> "RentedPod":
        """Given the columns of `pods`, return the entry."""
        identity, name, provider, account, state, gpu, price, volume, created, started, lifetime, ended, earlier, cost, basis, adopted = row
        return cls(
            id=identity,
            name=name,
            provider=provider,
            account_id=account,
            gpu_type=gpu,
            price_per_hour_usd=price,
            created_at=created,
            started_at=started,
            lifetime_seconds=lifetime,
            volume_id=volume,
            state=PodState(state),
            ended_at=ended,
            earlier_cost_usd=earlier,
            cost_usd=cost,
            cost_basis=basis,
            adopted=bool(adopted),
        )
