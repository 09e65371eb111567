"""Compares the ledger with everything that the account has, and ends what certainly should not live. A list that failed proves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fluxctl.errors import FluxctlError
from fluxctl.ledger import Intent, IntentState, PodState, RentedPod
from fluxctl.pods.finding import Finding
from fluxctl.pods.ownership import Ownership, whose
from fluxctl.pods.rental import Rental
from fluxctl.pods.verdicts import Action, Entry, Judgement, Verdict, judge_missing, judge_rental
from fluxctl.providers.base import Report
from fluxctl.providers.runpod.described import entry_of, has_ended, own_end_at
from fluxctl.providers.runpod.ending import Ending
from fluxctl.providers.runpod.naming import NAME
from fluxctl.providers.runpod.tenant import Tenant


@dataclass(frozen=True)
class Surveying:
    """One look at everything, and what follows from it."""

    tenant: Tenant

    def look(self) -> tuple[Finding, ...]:
        """Return what there is; raise when RunPod gives no list. Nothing is changed."""
        rentals = [rental for rental in self.tenant.api.rentals() if not has_ended(rental)]
        with self.tenant.book() as book:
            names, ids = book.names(), book.ids()
            intents = {intent.name: intent for intent in book.intents() if intent.provider == NAME}
            entries = {rental.id: entry for rental in rentals if (entry := book.pod(rental.id)) is not None}
        owner = self.tenant.owner
        found = [self._of_rental(rental, whose(rental, owner, names, ids), entries, intents) for rental in rentals]
        listed_ids, listed_names = {rental.id for rental in rentals}, {rental.name for rental in rentals}
        found += [self._of_missing(entry) for entry in self.tenant.open_pods() if entry.id not in listed_ids]
        found += [_of_intent(intent) for intent in intents.values() if intent.name not in listed_names]
        return tuple(found)

    def apply(self, finding: Finding, report: Report) -> Finding:
        """Do what a finding asks for; return it with what became of that."""
        if finding.pod_id is None or finding.action in (Action.NONE, Action.SETTLE):
            return finding
        try:
            self._carry_out(finding.pod_id, finding.action, report)
        except FluxctlError as error:
            return replace(finding, error=error.message)
        return replace(finding, done=True)

    def _carry_out(self, pod_id: str, action: Action, report: Report) -> None:
        if action is Action.CLOSE:
            Ending(self.tenant).close(pod_id)
            return
        entry = self._noted(pod_id)
        if action is Action.END and entry is not None:
            Ending(self.tenant).end(entry, report)

    def _noted(self, pod_id: str) -> RentedPod | None:
        """Return the ledger's entry, made now for a pod of ours that it does not have; None for one that is gone, or another's."""
        with self.tenant.book() as book:
            entry, names, ids = book.pod(pod_id), book.names(), book.ids()
        if entry is not None:
            return entry
        rental = self.tenant.api.rental(pod_id)
        ownership = whose(rental, self.tenant.owner, names, ids) if rental is not None else Ownership.FOREIGN
        if rental is None or ownership is Ownership.FOREIGN:
            return None
        now = self.tenant.now()
        made = entry_of(rental, self.tenant.mark, now=now, adopted=ownership is Ownership.OTHER)
        with self.tenant.book() as book:
            book.adopt(made, now)
        return made

    def _of_rental(self, rental: Rental, ownership: Ownership, entries: Mapping[str, RentedPod], intents: Mapping[str, Intent]) -> Finding:
        entry = entries.get(rental.id)
        intent = intents.get(rental.name)
        judged = judge_rental(
            rental,
            ownership,
            self._entry(entry) if entry is not None else None,
            unsettled=intent is not None,
            own_end_at=own_end_at(rental),
            now=self.tenant.now(),
        )
        return _finding(rental.id, rental.name, judged, rental.gpu_type, rental.price_per_hour_usd, rental.created_at)

    def _of_missing(self, entry: RentedPod) -> Finding:
        judged = judge_missing(self._entry(entry), self.tenant.now())
        return _finding(entry.id, entry.name, judged, entry.gpu_type, entry.price_per_hour_usd, entry.created_at)

    def _entry(self, entry: RentedPod) -> Entry:
        """Return what the rules need to know of an entry."""
        kept = entry.state is PodState.STOPPED and self.tenant.settings.values.pod.end == "stop"
        return Entry(
            created_at=entry.created_at,
            latest_end_at=entry.latest_end_at,
            wanted=entry.state is PodState.LIVE or kept,
            kept_stopped=kept,
            adopted=entry.adopted,
            same_account=self.tenant.is_same_account(entry.account_id),
        )


def _of_intent(intent: Intent) -> Finding:
    """Judge an order of which no pod is on the list."""
    if intent.state is IntentState.ABSENT:
        judged = Judgement(Verdict.UNSETTLED, "nothing came of the order; a pod that comes within a day of it is ended")
    else:
        judged = Judgement(Verdict.UNSETTLED, "whether RunPod made a pod is not known", Action.SETTLE)
    return _finding(intent.pod_id, intent.name, judged, intent.gpu_type, intent.price_per_hour_usd, intent.created_at)


def _finding(
    pod_id: str | None, name: str, judged: Judgement, gpu_type: str | None, price: float | None, created_at: float | None
) -> Finding:
    return Finding(pod_id, name, NAME, judged.verdict, judged.reason, judged.action, gpu_type, price, created_at)
