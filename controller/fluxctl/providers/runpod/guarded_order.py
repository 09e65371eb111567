"""Waits, as the guard of an order, for the pod that comes of it; whoever placed it may be gone, and then the order is settled here."""

from collections.abc import Callable
from dataclasses import dataclass

from fluxctl.errors import FluxctlError
from fluxctl.ledger import Intent, IntentState, RentedPod
from fluxctl.pods.settlement import OPEN_SECONDS
from fluxctl.providers.base import unheard
from fluxctl.providers.runpod.settling import Settling
from fluxctl.providers.runpod.tenant import Tenant

POLL_SECONDS = 1.0


@dataclass(frozen=True)
class GuardedOrder:
    """One order, by the name that its pod bears."""

    tenant: Tenant
    name: str
    say: Callable[[str], None]

    def pod(self) -> RentedPod | None:
        """Return the pod, once it is known; None when nothing came of the order. Whatever fails meanwhile is tried again, for a day."""
        began = self.tenant.environment.monotonic()
        while self.tenant.environment.monotonic() - began < OPEN_SECONDS:
            try:
                intent = self._intent()
                if intent is None or intent.state is not IntentState.OPEN:
                    return self._of(intent)
                self._settle_if_abandoned()
            except FluxctlError as error:
                self.say(f"tried again: {error.message}")
            self.tenant.environment.sleep(POLL_SECONDS)
        self.say(f"left without an answer: what came of the order {self.name} was not known for a day")
        return None

    def _settle_if_abandoned(self) -> None:
        """Settle the order when nobody else holds the lock: whoever placed it holds it until the outcome is known."""
        with self.tenant.alone_at_once() as is_alone:
            intent = self._intent() if is_alone else None
            if intent is not None and intent.state is IntentState.OPEN:
                self.say(f"whoever ordered {self.name} is gone: it is looked for")
                Settling(self.tenant).settle_intent(intent, unheard)

    def _intent(self) -> Intent | None:
        with self.tenant.book() as book:
            return book.intent(self.name)

    def _of(self, intent: Intent | None) -> RentedPod | None:
        if intent is None or intent.pod_id is None:
            self.say(f"nothing came of the order {self.name}")
            return None
        with self.tenant.book() as book:
            return book.pod(intent.pod_id)
