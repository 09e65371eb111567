"""Puts what RunPod has charged in place of what was estimated, as soon as its bills reach to a pod's end."""

from dataclasses import dataclass

from fluxctl.errors import ProviderError
from fluxctl.ledger import PodState, RentedPod
from fluxctl.providers.runpod.naming import NAME
from fluxctl.providers.runpod.tenant import Tenant

MOST_PODS = 50
"""In one go: RunPod answers so many calls a minute."""
FINAL_SECONDS = 24 * 3600.0
"""After a pod was noticed to be gone its bills are complete: it may have ended by itself long before, where they stop."""
LOOK_BACK_SECONDS = 30 * 24 * 3600.0


@dataclass(frozen=True)
class Reconciling:
    """Reads bills."""

    tenant: Tenant

    def reconcile(self) -> int:
        """Return how many pods' costs are now those of the bills; bills that cannot be read change nothing."""
        now = self.tenant.now()
        with self.tenant.book() as book:
            recent = book.pods(now - LOOK_BACK_SECONDS)
        waiting = [pod for pod in recent if pod.provider == NAME and pod.state is PodState.GONE and pod.cost_basis == "estimated"]
        return sum(self._billed(pod) for pod in waiting[:MOST_PODS])

    def _billed(self, pod: RentedPod) -> bool:
        if pod.ended_at is None or not self.tenant.is_same_account(pod.account_id):
            return False
        try:
            bills = self.tenant.api.billing(pod.id, pod.created_at)
        except ProviderError:
            return False
        if not bills or (max(bill.end for bill in bills) < pod.ended_at and self.tenant.now() - pod.ended_at < FINAL_SECONDS):
            return False
        with self.tenant.book() as book:
            book.cost(pod.id, sum(bill.amount_usd for bill in bills), "billed")
        return True
