"""Finds the pod that is there already, before another is ordered: alive, on its way, stopped, or another computer's."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.errors import NoCapacityError
from fluxctl.ledger import PodState, RentedPod
from fluxctl.pods.ownership import Ownership, whose
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.rent_wish import RentWish
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.pods.verdicts import CONFIRMABLE_SECONDS, OVERTIME_SECONDS, newest_alive
from fluxctl.providers.base import Report, StoppedPodLostError
from fluxctl.providers.runpod.described import entry_of, has_ended, is_alive
from fluxctl.providers.runpod.ending import Ending, other_account
from fluxctl.providers.runpod.errors import WrongStateError
from fluxctl.providers.runpod.settling import Settling
from fluxctl.providers.runpod.tenant import Tenant

STALE_SECONDS = 30.0
"""For which RunPod may still show a pod as stopped that it has just started."""


@dataclass(frozen=True)
class Standing:
    """A pod that is there."""

    pod: RentedPod
    started: bool
    """By this call."""
    stale_seconds: float = 0.0


@dataclass(frozen=True)
class Existing:
    """Looks; whoever calls it holds the lock."""

    tenant: Tenant

    def look(self, wish: RentWish | None, report: Report) -> Standing | None:
        """Settle what is open, then return the pod that is there; None when there is none, which RunPod itself said.

        A stopped pod is started again where that is what its end was meant for, else ended. Raise StoppedPodLostError when its GPU is
        gone and `wish` does not give it up, NotConfirmedError when something may live that cannot be known.
        """
        Settling(self.tenant).settle(report)
        listed = {rental.id: rental for rental in self.tenant.api.rentals()}
        for entry in self.tenant.open_pods():
            found = self._of_entry(entry, listed.get(entry.id), wish, report)
            if found is not None:
                return found
        return self._elsewhere(list(listed.values()))

    def _of_entry(self, entry: RentedPod, rental: Rental | None, wish: RentWish | None, report: Report) -> Standing | None:
        """Return what a pod of the ledger is by now, None when it is no more."""
        now = self.tenant.now()
        if rental is None and now - entry.created_at < CONFIRMABLE_SECONDS:
            return Standing(entry, started=False)
        if rental is None and not self.tenant.is_same_account(entry.account_id):
            if now > entry.latest_end_at + OVERTIME_SECONDS:
                return None
            raise other_account(entry.id)
        if rental is None or has_ended(rental):
            Ending(self.tenant).close(entry.id)
            return None
        if is_alive(rental) and entry.was_resumed and entry.state is PodState.LIVE and wish is not None and wish.replace_stopped:
            # It was started again and did not come up; that its disk is lost was agreed to.
            Ending(self.tenant).end(entry, report)
            return None
        if is_alive(rental):
            if entry.state is PodState.STOPPED:
                self._note_resumed(entry)
            return Standing(entry, started=False)
        return self._stopped(entry, wish, report)

    def _stopped(self, entry: RentedPod, wish: RentWish | None, report: Report) -> Standing | None:
        """Start a stopped pod again, or end it."""
        if entry.adopted:
            return None
        if self.tenant.settings.values.pod.end != "stop":
            spent = entry.cost_until(self.tenant.now())
            report(Progress(Stage.ENDING, 0.0, f"the pod {entry.id} stopped by itself and still costs storage", cost_usd=spent))
            Ending(self.tenant).end(entry, report)
            return None
        spent = entry.cost_until(self.tenant.now())
        report(Progress(Stage.STARTING, 0.0, f"the stopped pod {entry.id} is started again", cost_usd=spent))
        # On record before it runs: from now on it may cost.
        self._note_resumed(entry)
        try:
            self.tenant.api.start(entry.id)
        except WrongStateError:
            return Standing(entry, started=False, stale_seconds=STALE_SECONDS)
        except NoCapacityError as error:
            return self._lost(entry, wish, error, report)
        return Standing(self._again(entry), started=True, stale_seconds=STALE_SECONDS)

    def _lost(self, entry: RentedPod, wish: RentWish | None, error: NoCapacityError, report: Report) -> None:
        """End a pod whose GPU is gone, where that was agreed to; else raise StoppedPodLostError."""
        with self.tenant.book() as book:
            book.stopped(entry.id, self.tenant.now())
        if wish is None or not wish.replace_stopped:
            why = (
                f"the stopped pod {entry.id} cannot be started: {error.message.rstrip('.')}. Only ending it helps: what lies on its own"
                " disk (downloads, pictures that were not brought home) is lost then, and a new pod is rented"
            )
            raise StoppedPodLostError(why, hint="fluxctl up --yes agrees to that; or try again later")
        Ending(self.tenant).end(entry, report)

    def _note_resumed(self, entry: RentedPod) -> None:
        with self.tenant.book() as book:
            book.resumed(entry.id, self.tenant.now())
        self.tenant.attendance(entry.id).forget_ready()

    def _again(self, entry: RentedPod) -> RentedPod:
        with self.tenant.book() as book:
            return book.pod(entry.id) or entry

    def _elsewhere(self, listed: Sequence[Rental]) -> Standing | None:
        """Adopt a pod of this user's that this ledger does not know."""
        with self.tenant.book() as book:
            names, ids = book.names(), book.ids()
        owner = self.tenant.owner
        rental = newest_alive(rental for rental in listed if whose(rental, owner, names, ids) is Ownership.OTHER)
        if rental is None or rental.state is RentalState.UNKNOWN:
            return None
        entry = entry_of(rental, self.tenant.mark, now=self.tenant.now(), adopted=True)
        with self.tenant.book() as book:
            book.adopt(entry, self.tenant.now())
        return Standing(entry, started=False)
