"""Brings a rented pod about: joins the one that lives, resumes the one that was stopped, else orders offer after offer until one comes."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from fluxctl.errors import FluxctlError, NoCapacityError, NotReadyError
from fluxctl.ledger import RentedPod
from fluxctl.pods.offer import Offer
from fluxctl.pods.pod import Pod, PodPlan
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.starting import Start, StartLimits, StartVerdict
from fluxctl.providers.base import Creation, Report, StoppedPodLostError, waiting_for
from fluxctl.providers.runpod.described import has_stopped, pod_of
from fluxctl.providers.runpod.ending import Ending
from fluxctl.providers.runpod.errors import BalanceTooLowError, RightsError
from fluxctl.providers.runpod.existing import Existing, Standing
from fluxctl.providers.runpod.ordering import Ordering, StartGuard
from fluxctl.providers.runpod.preflight import BILLING, Prepared, prepare, reasons_of
from fluxctl.providers.runpod.settling import PATIENCE_SECONDS as SETTLING_SECONDS
from fluxctl.providers.runpod.settling import Settling
from fluxctl.providers.runpod.tenant import Tenant
from fluxctl.providers.runpod.waiting import Waiting

LOCK_PATIENCE_SECONDS = 2 * SETTLING_SECONDS
"""Whoever holds the lock may be looking up an unknown outcome."""


@dataclass
class Creating:
    """One try to have a pod."""

    tenant: Tenant
    report: Report
    start_guard: StartGuard
    limits: StartLimits = field(default_factory=StartLimits)
    _failures: list[str] = field(default_factory=list[str])
    _denied: list[RightsError] = field(default_factory=list[RightsError])
    """403: the account may not use the pool of that GPU, or the key may not rent at all, which shows when it is said of each."""
    _came: bool = False
    """Whether any machine was rented at all."""
    _gives_up_disk: bool = False
    """Whether it was agreed to lose the disk of a pod that had been stopped."""

    def create(self, plan: PodPlan) -> Creation:
        """Return a pod that has an address; raise NoCapacityError, NotReadyError or what the preflight refuses."""
        self._gives_up_disk = plan.rent is not None and plan.rent.replace_stopped
        joined = self._joined(plan)
        if joined is not None:
            return joined
        prepared = prepare(self.tenant, plan)
        for offer in prepared.offers:
            created = self._try(prepared, offer)
            if created is not None:
                return created
        self._settle_ends()
        raise self._nothing_came(prepared)

    def arrive(self, pod: RentedPod, limits: StartLimits | None = None) -> Pod | None:
        """Wait for a pod that is on its way; None when it is bad, and ended. Raise NotReadyError when no other would do better."""
        self.guard(pod)
        was_ready = self.tenant.attendance(pod.id).was_ready
        verdict, rental = Waiting(self.tenant, pod, self.report, limits or self.limits, began_long_ago=not was_ready).wait()
        if verdict.start is Start.ARRIVED and rental is not None:
            return pod_of(rental, adopted=pod.adopted, entry=pod)
        if pod.adopted:
            why = f"the pod {pod.id} does not come up: {verdict.reason}. Another computer rented it, so it is left alone"
            raise NotReadyError(why, hint="fluxctl down --all ends it", code="adopted_pod_bad")
        if was_ready and has_stopped(rental):
            return None  # Whoever orders next resumes or ends it.
        if was_ready:
            # RunPod loses sight of a container at times: one that works, perhaps on a picture, is not ended for that.
            why = f"the pod {pod.id}, which was ready before, cannot be reached: {verdict.reason}. It is left alone, and costs on"
            raise NotReadyError(why, hint="try again in a while; fluxctl logs --system; or fluxctl down ends it", code="address_lost")
        if pod.was_resumed and not self._gives_up_disk:
            raise _lost(pod, verdict)
        Ending(self.tenant).give_up(pod, verdict.reason, self.report)
        self._failures.append(f"{pod.gpu_type or pod.id}: {verdict.reason}")
        if verdict.start is Start.HOPELESS:
            self._settle_ends()
            raise _hopeless(pod, verdict)
        return None

    def guard(self, pod: RentedPod) -> None:
        """Be counted as waiting for a pod, and make sure that one of this computer's own has a guard."""
        self.tenant.attend(pod.id)
        if not pod.adopted and not self.tenant.attendance(pod.id).was_ready:
            self.start_guard(self.tenant, pod.name)

    def _joined(self, plan: PodPlan) -> Creation | None:
        """Return the pod that lives already, or was stopped and is started again; None when there is none."""
        with self.alone():
            standing = Existing(self.tenant).look(plan.rent, self.report)
        return self._awaited(standing) if standing is not None else None

    def _try(self, prepared: Prepared, offer: Offer) -> Creation | None:
        """Order one offer and wait for it; None when the next has to be tried."""
        where = f" in {prepared.wish.data_center}" if prepared.wish.data_center else ""
        self.report(Progress(Stage.ORDERED, 0.0, f"{offer.gpu_name}{where} at ${offer.price_per_hour_usd or 0:.2f}/h"))
        with self.alone():
            # Another fluxctl may have been quicker.
            standing = Existing(self.tenant).look(prepared.wish, self.report) or self._ordered(prepared, offer)
        return self._awaited(standing) if standing is not None else None

    def _ordered(self, prepared: Prepared, offer: Offer) -> Standing | None:
        try:
            return Standing(Ordering(self.tenant, prepared, self.start_guard).order(offer, self.report), started=True)
        except (NoCapacityError, RightsError) as error:
            self._failures.append(f"{offer.gpu_type}: {error.message}")
            if isinstance(error, RightsError):
                self._denied.append(error)
            return None

    def _awaited(self, standing: Standing) -> Creation | None:
        """Wait for a pod, under the eyes of a guard; None when it is bad."""
        self._came = True
        pod = self.arrive(standing.pod, replace(self.limits, stale_seconds=standing.stale_seconds))
        return Creation(pod, started=standing.started) if pod is not None else None

    def _settle_ends(self) -> None:
        """Make sure that what was given up is gone."""
        with self.alone():
            Settling(self.tenant).settle(self.report)

    def alone(self) -> AbstractContextManager[None]:
        """Keep every other fluxctl from ordering or settling meanwhile."""
        return self.tenant.alone(waiting_for(self.report), LOCK_PATIENCE_SECONDS)

    def _nothing_came(self, prepared: Prepared) -> FluxctlError:
        if self._denied and len(self._denied) == len(self._failures):
            return self._denied[-1]
        tried = "".join(f"\n  {failure}" for failure in self._failures)
        passed = reasons_of(prepared.chosen.passed_over)
        if self._came:
            why = f"no rented machine came up; all of them are ended{tried}{passed}"
            return NotReadyError(why, hint="try again; or another: --gpu NAME, --data-center NAME", code="no_machine_came_up")
        return NoCapacityError(f"nothing could be rented{tried}{passed}", hint="try again in a while; or another: fluxctl gpus, --gpu NAME")


def _lost(pod: RentedPod, verdict: StartVerdict) -> StoppedPodLostError:
    """Given a pod that was stopped, started again and does not come up, return the error that asks what is to become of its disk."""
    why = (
        f"the pod {pod.id}, which had been stopped, was started again and does not come up: {verdict.reason}. Only ending it helps: what"
        " lies on its own disk (downloads, pictures that were not brought home) is lost then, and a new pod is rented"
    )
    return StoppedPodLostError(why, hint="fluxctl up --yes agrees to that; fluxctl down stops it again, to try later")


def _hopeless(pod: RentedPod, verdict: StartVerdict) -> FluxctlError:
    """Given why no machine would do, return the error."""
    if "no money" in verdict.reason:
        return BalanceTooLowError(f"the pod {pod.id} ended: {verdict.reason}", hint=f"add funds: {BILLING}")
    why = f"the pod {pod.id} cannot start, and neither could another one: {verdict.reason}. It is ended"
    return NotReadyError(why, hint="fluxctl image check", code="image_not_pulled")
