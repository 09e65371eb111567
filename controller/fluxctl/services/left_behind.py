"""Brings home what earlier pods left on the network volume, once a worker is ready there: the same for `up` and `gen`."""

from collections.abc import Collection
from contextlib import suppress

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.ledger import JobEntry, Ledger
from fluxctl.services.bring_up import Ready
from fluxctl.services.choice import RUNPOD
from fluxctl.services.fetch import Fetching
from fluxctl.services.follower import hold
from fluxctl.services.listener import Listener
from fluxctl.services.order import read_order
from fluxctl.services.outcome import Outcome
from fluxctl.settings.load import Settings


def bring_home(
    environment: Environment, settings: Settings, ready: Ready, listener: Listener, leaving: Collection[str] = frozenset()
) -> None:
    """Given a ready worker, bring home the finished pictures of earlier rented pods; what goes wrong is said, and stops nothing.

    `leaving`: ids of jobs that the command itself brings home. A worker that was there before, and before which no other pod left an
    open job, is not asked.
    """
    if ready.pod.provider != RUNPOD:
        return
    with Ledger.open(environment) as ledger:
        if not (ready.started or any(entry.pod_id != ready.pod.id for entry in _open(ledger, leaving))):
            return
        fetching = Fetching(environment, settings, listener.aside(), Outcome(), ledger)
        try:
            fetching.collect(ready.client, ready.pod.provider, leaving)
        except FluxctlError as error:
            listener.warn(f"{error.message}. What was not brought home stays on the volume: fluxctl fetch")
        with suppress(FluxctlError):  # each of them was told already
            fetching.raise_failure()
        left = sum(_missing(entry, environment, ledger) for entry in _open(ledger, leaving))
    if left:
        listener.note(f"earlier  {left} pictures that were ordered before are not finished; fluxctl fetch has them made")


def _open(ledger: Ledger, leaving: Collection[str]) -> list[JobEntry]:
    return [entry for entry in ledger.unfinished_jobs() if entry.provider == RUNPOD and entry.id not in leaving]


def _missing(entry: JobEntry, environment: Environment, ledger: Ledger) -> int:
    """Return how many pictures of an open job are not home, none where another command follows it."""
    order = read_order(entry.order)
    with hold(environment.paths.state, (order.follower if order else "") or entry.id) as free:
        return entry.picture_count - len(ledger.pictures_of(entry.id)) if free else 0
