"""Finds this user's pod with one question to RunPod; nothing is changed, and a question that failed is never "there is none"."""

from dataclasses import dataclass, field

from fluxctl.errors import ProviderError
from fluxctl.ledger import PodState, RentedPod
from fluxctl.pods.ownership import Ownership, whose
from fluxctl.pods.pod import Pod
from fluxctl.pods.rental import RentalState
from fluxctl.pods.verdicts import CONFIRMABLE_SECONDS, OVERTIME_SECONDS, newest_alive
from fluxctl.providers.base import PodStateLostError
from fluxctl.providers.runpod.described import entry_of, is_alive, pod_of
from fluxctl.providers.runpod.naming import CONSOLE
from fluxctl.providers.runpod.tenant import Tenant


@dataclass(frozen=True)
class Finding:
    """Looks for pods of one user."""

    tenant: Tenant
    stopped: list[RentedPod] = field(default_factory=list[RentedPod])
    """Those of this ledger that `find` saw stopped."""

    def find(self) -> Pod | None:
        """Return the live pod, None when RunPod itself says that there is none; see `base.Provider.find`."""
        entries = [entry for entry in self.tenant.open_pods() if entry.state in (PodState.LIVE, PodState.STOPPED)]
        for entry in entries:
            rental = self.tenant.api.rental(entry.id)
            if rental is None:
                self._require_certain(entry)
            elif is_alive(rental):
                return pod_of(rental, adopted=entry.adopted, entry=entry)
            elif rental.state is RentalState.STOPPED and not entry.adopted:
                self.stopped.append(entry)
        return None if entries else self._unknown_to_ledger()

    def entry(self, pod_id: str) -> RentedPod:
        """Return the entry of any pod of this user's, made now for one that the ledger does not know; raise ProviderError for others'."""
        with self.tenant.book() as book:
            entry = book.pod(pod_id)
            names, ids = book.names(), book.ids()
        if entry is not None and entry.state is not PodState.GONE:
            return entry
        rental = self.tenant.api.rental(pod_id)
        if rental is None or whose(rental, self.tenant.owner, names, ids) is Ownership.FOREIGN:
            why = f"{pod_id} is no pod of yours" if rental is not None else f"RunPod knows no pod {pod_id}"
            raise ProviderError(why, hint="fluxctl ps --all", code="not_yours")
        if entry is not None:
            return entry
        made = entry_of(rental, self.tenant.mark, now=self.tenant.now(), adopted=True)
        with self.tenant.book() as book:
            book.adopt(made, self.tenant.now())
        return made

    def entry_of_found(self, pod: Pod) -> RentedPod:
        """Return the ledger's entry of a pod that was found, made now for one that it does not know."""
        with self.tenant.book() as book:
            entry = book.pod(pod.id)
        if entry is not None:
            return entry
        if pod.rental is None:
            raise ProviderError(f"the ledger does not know the pod {pod.id}", hint="fluxctl ps --all", code="unknown_pod")
        now = self.tenant.now()
        entry = entry_of(pod.rental, self.tenant.mark, now=now, adopted=pod.adopted)
        with self.tenant.book() as book:
            book.adopt(entry, now)
        return entry

    def _unknown_to_ledger(self) -> Pod | None:
        """Return a pod of this user's that the ledger does not have: of an open intent, another computer's, or of a lost ledger."""
        with self.tenant.book() as book:
            names, ids = book.names(), book.ids()
            open_names = {intent.name for intent in book.intents()}
        listed = self.tenant.api.rentals()
        owner = self.tenant.owner
        mine = newest_alive(rental for rental in listed if rental.name in open_names and whose(rental, owner, names, ids) is Ownership.MINE)
        if mine is not None:
            return pod_of(mine, adopted=False)
        other = newest_alive(rental for rental in listed if whose(rental, owner, names, ids) is Ownership.OTHER)
        return pod_of(other, adopted=True) if other is not None else None

    def _require_certain(self, entry: RentedPod) -> None:
        """Raise where "there is no such pod" does not mean that it is gone."""
        if not self.tenant.is_same_account(entry.account_id):
            if self.tenant.now() > entry.latest_end_at + OVERTIME_SECONDS:
                return
            why = (
                f"the pod {entry.id} was rented with a key of another account, and RUNPOD_API_KEY is not of that one:"
                " whether it lives cannot be known"
            )
            raise ProviderError(why, hint=f"set RUNPOD_API_KEY to a key of that account, or look there: {CONSOLE}", code="other_account")
        if self.tenant.now() - entry.created_at < CONFIRMABLE_SECONDS:
            why = f"the pod {entry.id} was just rented, and RunPod does not list it yet"
            raise PodStateLostError(why, hint="fluxctl status, in a minute; fluxctl down ends it", code="not_listed_yet")
