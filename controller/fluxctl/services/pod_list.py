"""Lists the pods that live: this computer's own, and those of the RunPod account, with what the ledger knows of them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.ledger import IntentState, Ledger, Rentals
from fluxctl.pods.ownership import Ownership, whose
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.providers.base import PodStateLostError
from fluxctl.services.account import runpod_account
from fluxctl.services.choice import DOCKER, LOCAL, RUNPOD
from fluxctl.services.provider import open_provider, used_before
from fluxctl.settings.load import Settings
from fluxctl.settings.owner import known_owner_id

SCHEMA = 1
RUNNING = "running"
UNSETTLED = "unsettled"
"""It was ordered, and whether there is one is not known."""
NOT_LISTED = "not listed"
"""The ledger has it as living, and the account's list does not have it."""


@dataclass(frozen=True)
class PodLine:
    """One pod; of a foreign one no more than the account's own list shows everybody who has a key."""

    provider: str
    id: str | None
    name: str
    state: str
    whose: str
    """`mine`, `elsewhere` (rented from another computer, or before the ledger was lost) or `foreign`."""
    gpu_type: str | None = None
    data_center: str | None = None
    price_per_hour_usd: float | None = None
    created_at: float | None = None
    """Seconds since 1970 (UTC)."""
    cost_usd: float | None = None
    """So far."""
    cost_basis: str = "estimated"
    adopted: bool = False
    """The ledger has it, though another computer rented it."""

    def document(self) -> dict[str, Any]:
        """Return its part of the JSON object."""
        return dict(vars(self))


@dataclass(frozen=True)
class PodLines:
    """Every pod that was asked for, and what could not be asked."""

    lines: tuple[PodLine, ...]
    notes: tuple[str, ...] = ()

    @property
    def price_per_hour_usd(self) -> float:
        """Return what those that are not foreign cost an hour, all together."""
        return sum((line.price_per_hour_usd or 0.0 for line in self.lines if line.whose != Ownership.FOREIGN), 0.0)

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `ps --json`."""
        return {
            "schema": SCHEMA,
            "pods": [line.document() for line in self.lines],
            "price_per_hour_usd": self.price_per_hour_usd,
            "notes": list(self.notes),
            "error": None,
        }


def list_pods(environment: Environment, settings: Settings, *, foreign: bool) -> PodLines:
    """Return the pods that live, also those of others in the account where that is wanted; raise ProviderError when the account's
    list fails: it is never taken for "none"."""
    here = tuple(_here(environment, settings))
    if settings.secrets.runpod_api_key is None:
        if RUNPOD in used_before(environment):
            from fluxctl.providers.runpod.api import open_api

            open_api(environment, settings)  # raises: a pod may live there, and there is no key to ask with
        return PodLines(here, ("RunPod is not asked: RUNPOD_API_KEY is not set",))
    lines = rented_lines(environment, settings)
    return PodLines((*here, *(line for line in lines if foreign or line.whose != Ownership.FOREIGN)))


def rented_lines(environment: Environment, settings: Settings) -> list[PodLine]:
    """Return every pod of the account, newest first; raise as `list_pods` does."""
    with runpod_account(environment, settings) as api:
        rentals = api.rentals()
    with Ledger.open(environment) as ledger:
        return account_lines(rentals, ledger.rentals, known_owner_id(environment) or "", environment.now())


def account_lines(rentals: Sequence[Rental], known: Rentals, owner_id: str, now: float) -> list[PodLine]:
    """Given the account's whole list and the ledger's part about rented pods, return every pod, newest first, and what the ledger
    misses in that list."""
    names, ids = known.names(), known.ids()
    listed = [
        _rented(rental, whose(rental, owner_id, names, ids), known, now) for rental in rentals if rental.state is not RentalState.GONE
    ]
    seen = {rental.id for rental in rentals} | {rental.name for rental in rentals}
    missing = [
        PodLine(
            pod.provider, pod.id, pod.name, NOT_LISTED, str(Ownership.MINE), pod.gpu_type, None, None, pod.created_at, pod.cost_until(now)
        )
        for pod in known.open_pods()
        if pod.id not in seen
    ]
    ordered = [
        PodLine(one.provider, None, one.name, UNSETTLED, str(Ownership.MINE), one.gpu_type, None, one.price_per_hour_usd, one.created_at)
        for one in known.intents()
        if one.state is IntentState.OPEN and one.name not in seen
    ]
    return sorted([*listed, *missing, *ordered], key=lambda line: line.created_at or 0.0, reverse=True)


def _rented(rental: Rental, owner: Ownership, known: Rentals, now: float) -> PodLine:
    entry = known.pod(rental.id)
    cost = entry.cost_until(now) if entry else None
    if cost is None and rental.price_per_hour_usd is not None and rental.created_at is not None:
        cost = rental.price_per_hour_usd * max(0.0, now - rental.created_at) / 3600
    return PodLine(
        provider=RUNPOD,
        id=rental.id,
        name=rental.name,
        state=str(rental.state),
        whose=str(owner),
        gpu_type=rental.gpu_type,
        data_center=rental.data_center,
        price_per_hour_usd=rental.price_per_hour_usd,
        created_at=rental.created_at,
        cost_usd=cost,
        cost_basis=entry.cost_basis if entry else "estimated",
        adopted=bool(entry and entry.adopted),
    )


def _here(environment: Environment, settings: Settings) -> Iterator[PodLine]:
    """Yield what lives on this computer and costs nothing."""
    for name in (LOCAL, DOCKER):
        if name not in used_before(environment):
            continue
        with suppress(PodStateLostError):
            pod = open_provider(name, environment, settings).find()
            if pod is not None:
                yield PodLine(name, pod.id, pod.id, RUNNING, str(Ownership.MINE), None, None, 0.0, pod.created_at, 0.0)
