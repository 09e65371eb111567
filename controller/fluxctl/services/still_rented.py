"""Reads in the ledger what may still cost money: orders and rented pods that are not known to have ended. Nobody is asked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.output.moments import rate

if TYPE_CHECKING:
    from fluxctl.ledger import Intent, RentedPod


@dataclass(frozen=True)
class StillRented:
    """A pod that was ordered and is not known to be gone."""

    name: str
    pod_id: str | None
    """None: whether the order made a pod is not known."""
    price_per_hour_usd: float | None
    created_at: float
    """Seconds since 1970 (UTC)."""
    cost_usd: float | None = None
    """So far; None: not known."""
    state: str = "live"
    """`live`, `stopped`, or `ending`: its end was asked for, and is not confirmed."""

    @property
    def words(self) -> str:
        """Name it, with what it costs."""
        return f"{self.pod_id or self.name} ({'stopped' if self.state == 'stopped' else rate(self.price_per_hour_usd)})"


def still_rented(environment: Environment) -> tuple[StillRented, ...]:
    """Return what may still cost money, newest first; nothing, and no file, where nothing was ever noted."""
    from fluxctl.ledger.storage import FILE_NAME

    if not (environment.paths.state / FILE_NAME).exists():
        return ()
    from fluxctl.ledger import IntentState, Ledger

    with Ledger.open(environment) as ledger:
        orders = [_ordered(intent) for intent in ledger.rentals.intents() if intent.state is IntentState.OPEN]
        pods = [_rented(pod, environment.now()) for pod in ledger.rentals.open_pods()]
    return tuple(sorted([*orders, *pods], key=lambda one: one.created_at, reverse=True))


def still_costs(environment: Environment) -> str:
    """Return what to add to an error's message: which pods still cost money, "" where none does."""
    try:
        left = [
            f"{one.pod_id or one.name} at {rate(one.price_per_hour_usd)}" for one in still_rented(environment) if one.state != "stopped"
        ]
    except FluxctlError:
        return ""
    return f"\nThis still costs money, until it ends itself or fluxctl down ends it: {', '.join(left)}" if left else ""


def _ordered(intent: "Intent") -> StillRented:
    return StillRented(intent.name, None, intent.price_per_hour_usd, intent.created_at)


def _rented(pod: "RentedPod", now: float) -> StillRented:
    return StillRented(pod.name, pod.id, pod.price_per_hour_usd, pod.created_at, pod.cost_until(now), str(pod.state))
