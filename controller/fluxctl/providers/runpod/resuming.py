"""Knows the pod that is kept stopped, and what starting it again costs, which is asked before it is done."""

from dataclasses import dataclass, field

from fluxctl.errors import NoCapacityError
from fluxctl.ledger import RentedPod
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.pod import Pod, PodPlan
from fluxctl.pods.quote import Quote
from fluxctl.pods.volume_price import stopped_disk_usd_per_month
from fluxctl.providers.runpod.finding import Finding
from fluxctl.providers.runpod.preflight import SECONDS_PER_HOUR, prepare
from fluxctl.providers.runpod.tenant import Tenant


@dataclass
class Resuming:
    """Looks for the pods of one user, and remembers what it saw stopped."""

    tenant: Tenant
    _stopped: list[RentedPod] | None = field(default=None, init=False)
    """None: it was not looked for yet."""

    def find(self) -> Pod | None:
        """Return the live pod; see `Finding.find`."""
        finding = Finding(self.tenant)
        pod = finding.find()
        self._stopped = finding.stopped
        return pod

    def note(self, pod: RentedPod, *, stopped: bool) -> None:
        """Remember what became of a pod that was to be stopped."""
        self._stopped = [pod] if stopped else []

    def quote(self, plan: PodPlan) -> Quote:
        """Return what the stopped pod costs when it runs again; where there is none, what a new one does."""
        if self._stopped is None:
            self.find()
        resumed = _resumption(self.tenant, self._stopped[0], plan) if self._stopped else None
        return resumed or prepare(self.tenant, plan).quote(self.tenant.now())

    def words(self) -> str | None:
        """Name the pod that was seen stopped, with what its disk costs."""
        if not self._stopped:
            return None
        pod = self._stopped[0]
        month = stopped_disk_usd_per_month(self.tenant.settings.values.runpod.volume_disk_gb)
        return f"{pod.id} ({pod.gpu_type or 'GPU not known'}) is kept stopped; its disk costs about ${month:.2f} a month"


def _resumption(tenant: Tenant, stopped: RentedPod, plan: PodPlan) -> Quote | None:
    """Return what a stopped pod costs when it runs again; None where it will not be started again, or at a price that nobody knows.

    Raise NoCapacityError when that is over the ceiling.
    """
    values, wish, price = tenant.settings.values, plan.rent, stopped.price_per_hour_usd
    if values.pod.end != "stop" or wish is None or wish.replace_stopped or price is None:
        return None
    if wish.maximum_price_per_hour_usd is not None and price > wish.maximum_price_per_hour_usd:
        why = f"the stopped pod {stopped.id} costs ${price:.2f}/h when it runs, which is over ${wish.maximum_price_per_hour_usd:.2f}/h"
        raise NoCapacityError(why, hint="a higher --max-price; or fluxctl down --all, which ends it and its disk", code="stopped_pod_dear")
    name = stopped.gpu_type or "GPU not known"
    disk_gb = values.runpod.volume_disk_gb
    return Quote(
        offers=(Offer(name, name, 0, price, "secure", None, Stock.UNKNOWN),),
        passed_over=(),
        price_per_hour_usd=price,
        lifetime_seconds=stopped.lifetime_seconds,
        worst_case_usd=price * stopped.lifetime_seconds / SECONDS_PER_HOUR,
        latest_end_at=tenant.now() + stopped.lifetime_seconds,
        idle_timeout_seconds=plan.limits.idle_timeout_seconds,
        image=values.pod.image or "",
        resumes=stopped.id,
        disk_gb=disk_gb,
        disk_usd_per_month=stopped_disk_usd_per_month(disk_gb),
    )
