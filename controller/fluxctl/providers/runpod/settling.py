"""Settles what an earlier call, or a crash, left open: intents without an outcome, and ends that were not confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.errors import FluxctlError, NotConfirmedError, ProviderError
from fluxctl.ledger import Intent, IntentState, PodState, RentedPod
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.rental import Rental
from fluxctl.pods.settlement import LOOK_UP_SECONDS, OPEN_SECONDS, Settlement, settle
from fluxctl.pods.verdicts import OVERTIME_SECONDS
from fluxctl.providers.base import Report
from fluxctl.providers.runpod.described import entry_of
from fluxctl.providers.runpod.ending import Ending
from fluxctl.providers.runpod.naming import CONSOLE, NAME
from fluxctl.providers.runpod.tenant import Tenant

POLL_SECONDS = 5.0
PATIENCE_SECONDS = LOOK_UP_SECONDS + 120.0
"""Without a single list that could be read."""


@dataclass(frozen=True)
class Settling:
    """Looks at everything in the ledger that is open; whoever calls it holds the lock."""

    tenant: Tenant

    @property
    def anything(self) -> bool:
        """Return whether something is open; nobody is asked."""
        with self.tenant.book() as book:
            ending = any(pod.state is PodState.ENDING and pod.provider == NAME for pod in book.open_pods())
            return ending or any(intent.provider == NAME for intent in book.intents())

    def settle(self, report: Report) -> tuple[str, ...]:
        """Settle everything; return what is worth telling. Raise NotConfirmedError when something cannot be settled now."""
        notes = [note for intent in self._intents() if (note := self._settled(intent, report))]
        ending = [pod for pod in self.tenant.open_pods() if pod.state is PodState.ENDING and not self._is_long_over(pod)]
        for pod in ending:
            Ending(self.tenant).end(pod, report)
            notes.append(f"the pod {pod.id}, whose end had been asked for, is gone")
        return tuple(notes)

    def _settled(self, intent: Intent, report: Report) -> str:
        """Settle an intent; one of another account only while something may still come of it, else nobody could ever rent again."""
        if not self.tenant.is_same_account(intent.account_id):
            if self.tenant.now() - intent.created_at >= OPEN_SECONDS:
                with self.tenant.book() as book:
                    book.settle(intent.name, IntentState.CLOSED, self.tenant.now())
                return f"what came of the order {intent.name}, of another account, was never known; look there: {CONSOLE}"
            if intent.state is IntentState.ABSENT:
                return ""
        return self.settle_intent(intent, report)

    def _is_long_over(self, pod: RentedPod) -> bool:
        """Return whether a pod is of another account, and its own watchdog must have ended it long ago."""
        return self.tenant.now() > pod.latest_end_at + OVERTIME_SECONDS and not self.tenant.is_same_account(pod.account_id)

    def settle_intent(self, intent: Intent, report: Report) -> str:
        """Look an intent's pod up by its name until it is known what came of it; return what is worth telling."""
        self._require_account(intent)
        began = self.tenant.environment.monotonic()
        while True:
            rental, trouble = self._look_up(intent.name)
            looked = self.tenant.environment.monotonic() - began
            if trouble is None:
                decided = self._decide(intent, rental, looked)
                if decided is not Settlement.WAIT:
                    return self._carry_out(intent, rental, decided, report)
            elif looked > PATIENCE_SECONDS or trouble.code in ("rights", "key_refused"):
                raise self._unsettled(intent, trouble) from trouble
            report(Progress(Stage.WAITING, looked, "whether RunPod made a pod is not known: it is looked for"))
            self.tenant.environment.sleep(POLL_SECONDS)

    def _look_up(self, name: str) -> tuple[Rental | None, FluxctlError | None]:
        """Return the pod of exactly this name and no trouble; trouble when the list failed, which says nothing about the pod."""
        try:
            named = [rental for rental in self.tenant.api.rentals() if rental.name == name]
        except ProviderError as error:
            return None, error
        return (named[0] if named else None), None

    def _decide(self, intent: Intent, rental: Rental | None, looked_seconds: float) -> Settlement:
        with self.tenant.book() as book:
            others = [pod for pod in book.open_pods() if pod.provider == NAME and pod.name != intent.name]
        return settle(
            rental,
            age_seconds=self.tenant.now() - intent.created_at,
            looked_seconds=looked_seconds,
            was_absent=intent.state is IntentState.ABSENT,
            another_lives=any(pod.state in (PodState.LIVE, PodState.STOPPED) and not pod.adopted for pod in others),
        )

    def _carry_out(self, intent: Intent, rental: Rental | None, decided: Settlement, report: Report) -> str:
        if rental is None:
            state = IntentState.ABSENT if decided is Settlement.ABSENT else IntentState.CLOSED
            if state is not intent.state:
                with self.tenant.book() as book:
                    book.settle(intent.name, state, self.tenant.now())
            return ""
        pod = self.adopt(rental, intent)
        if decided is Settlement.ADOPT:
            return f"the pod {pod.id}, of which RunPod had not answered, was made, and is used"
        if decided is Settlement.GONE:
            Ending(self.tenant).close(pod.id)
            return f"the pod {pod.id}, of which RunPod had not answered, was made, and has ended"
        Ending(self.tenant).end(pod, report)
        return f"the pod {pod.id}, which came after it had been given up, is ended"

    def adopt(self, rental: Rental, intent: Intent) -> RentedPod:
        """Note a pod that an intent of ours made."""
        now = self.tenant.now()
        entry = entry_of(rental, intent.account_id, now=now, adopted=False)
        with self.tenant.book() as book:
            book.adopt(entry, now)
        return entry

    def _intents(self) -> Sequence[Intent]:
        with self.tenant.book() as book:
            return [intent for intent in book.intents() if intent.provider == NAME]

    def _require_account(self, intent: Intent) -> None:
        if not self.tenant.is_same_account(intent.account_id):
            why = "whether a pod was made is not known, and RUNPOD_API_KEY is not of the account that was asked for it"
            raise NotConfirmedError(
                why, hint=f"set RUNPOD_API_KEY to a key of that account, or look there: {CONSOLE}", code="other_account"
            )

    def _unsettled(self, intent: Intent, error: FluxctlError) -> NotConfirmedError:
        why = f"whether RunPod made the pod {intent.name} is not known, and no other is ordered before: {error.message}"
        return NotConfirmedError(why, hint=f"try again (it is looked for first), or look there: {CONSOLE}", code="outcome_unknown")
