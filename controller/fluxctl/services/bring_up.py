"""Hands back a ready worker: the live one, else a new one; an outdated, failed or draining one is replaced."""

from dataclasses import dataclass, field, replace

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, NoCapacityError, NotReadyError
from fluxctl.link.client import WorkerClient
from fluxctl.link.errors import TokenRefusedError, WorkerUnreachableError
from fluxctl.pods.pod import Pod, PodPlan
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.base import Creation, PodStateLostError, Provider, Report, StoppedPodLostError
from fluxctl.services.choice import RUNPOD
from fluxctl.services.fitness import Fitness
from fluxctl.services.metered import metered
from fluxctl.services.provider import open_provider, pod_plan, settle
from fluxctl.services.readiness import WORKER_DOWN, Readiness
from fluxctl.services.renting import Renting
from fluxctl.services.still_rented import still_costs
from fluxctl.settings.load import Settings
from fluxpod.protocol import Health, Phase

MOST_ROUNDS = 4
"""Worker after worker that ends is no accident."""
DRAIN_POLL_SECONDS = 0.25
DRAIN_SLACK_SECONDS = 15.0
"""For ending a worker, after it has drained."""


@dataclass(frozen=True)
class Ready:
    """A worker that takes jobs."""

    pod: Pod
    client: WorkerClient
    health: Health
    started: bool
    """It was started for this call."""
    ready_seconds: float
    """How long the call took."""
    notes: tuple[str, ...] = ()
    """What is worth telling about it."""


def bring_up(
    environment: Environment,
    settings: Settings,
    *,
    model: str,
    source: str,
    provider: str,
    report: Report,
    renting: Renting | None = None,
) -> Ready:
    """Given the model to load first, if a worker has to be started, and a provider that was chosen, return a ready worker.

    `renting` says on what terms a pod that costs money is made; without it none is.

    A live worker with another model is good: its first job loads it. Raise NotReadyError when the worker ends, fails or gets nowhere
    (with its last words), PodStateLostError when one runs and cannot be spoken to, ProviderError when none can be started.
    """
    terms = renting or Renting()
    plan = pod_plan(settings, model, source, provider, terms.flags)
    notes = settle(provider, environment, settings, report)
    opened = open_provider(provider, environment, settings)
    try:
        ready = BringUp(environment, opened, plan, report, settings.values.link.ready_timeout_seconds, terms).ready()
    except FluxctlError as error:
        if provider == RUNPOD:
            error.message += still_costs(environment)
        raise
    return replace(ready, notes=(*notes, *ready.notes))


@dataclass
class BringUp:
    """One try to have a ready worker of a provider."""

    environment: Environment
    provider: Provider
    plan: PodPlan
    report: Report
    timeout_seconds: float
    renting: Renting = field(default_factory=Renting)
    _failures: list[str] = field(default_factory=list[str])
    """Rented machines that did not get ready and were ended, each with the reason."""

    def ready(self) -> Ready:
        """Return a ready worker; see `bring_up`."""
        began = self.environment.monotonic()
        for _ in range(MOST_ROUNDS):
            creation = self._found() or self._created()
            pod, started = creation.pod, creation.started
            client = self.provider.connect(pod)
            found = None
            try:
                found = self._settled(pod, client, started)
            except TokenRefusedError as error:
                why = "a worker runs, but it refuses the token that is kept for it: that file was damaged or replaced"
                raise PodStateLostError(why, hint="fluxctl down (its jobs stay), then try again") from error
            finally:
                if found is None:
                    client.close()
            if found is not None:
                health, notes = found
                return Ready(pod, client, health, started, self.environment.monotonic() - began, notes)
        raise NotReadyError(f"{MOST_ROUNDS} workers in a row ended while they were waited for", hint="fluxctl status", code="worker_died")

    def _found(self) -> Creation | None:
        """Return the pod that lives, once it can be connected to; None: there is none, or it turned out bad and was ended."""
        pod = self.provider.find()
        arrived = self.provider.arrive(pod, self.report) if pod is not None else None
        return Creation(arrived, started=False) if arrived is not None else None

    def _created(self) -> Creation:
        """Make a pod, once the person has agreed to what it costs."""
        try:
            return self._made(self.renting.settled(self.plan, self.provider.quote))
        except NoCapacityError as error:
            if not self._failures or isinstance(error, StoppedPodLostError):
                raise
            why = "\n  ".join(["no rented machine got ready; all of them are ended", *self._failures, error.message])
            raise NotReadyError(why, hint="try again; or another: --gpu NAME, --data-center NAME", code="no_machine_came_up") from error

    def _made(self, plan: PodPlan) -> Creation:
        try:
            return self.provider.create(plan, self.report)
        except StoppedPodLostError as error:
            if self.plan.rent is None:
                raise
            self.renting.ask_to_replace(error.message)
            anew = replace(self.plan, rent=replace(self.plan.rent, replace_stopped=True))
            return self.provider.create(self.renting.settled(anew, self.provider.quote), self.report)

    def _settled(self, pod: Pod, client: WorkerClient, started: bool) -> tuple[Health, tuple[str, ...]] | None:
        """Return the ready worker's health with notes; None when the worker is gone, and another one is needed."""
        self.provider.watch(pod)
        report = metered(self.report, pod, self.environment.now)
        readiness = Readiness(self.environment, self.provider, pod, client, report, self.timeout_seconds)
        try:
            health = readiness.wait()
        except NotReadyError as error:
            if error.code == WORKER_DOWN:
                hint = "mend what it says, then fluxctl up"
                return self._given_up(pod, NotReadyError(error.message, hint=hint, code=error.code), started or readiness.saw_it_start)
            if readiness.is_bad_start(error):
                return self._passed_over(pod, error)
            if started or error.code != "worker_died":
                raise
            return None
        if health.phase is Phase.FAILED:
            return self._failed(pod, health, started or readiness.saw_it_start)
        if health.phase is Phase.DRAINING:
            return self._await_end(pod, client)
        return Fitness(self.provider, self.plan, self.report).judged(pod, client, health, started)

    def _passed_over(self, pod: Pod, error: NotReadyError) -> None:
        """End a rented machine that did not get ready, so that the next choice is tried; raise the error where that cannot be."""
        gpu_type = pod.rental.gpu_type if pod.rental is not None else None
        report = metered(self.report, pod, self.environment.now)
        report(Progress(Stage.ENDING, 0.0, error.message.splitlines()[0]))
        if gpu_type is None or self.plan.rent is None or not self.provider.give_up(pod, report):
            raise error
        self._failures.append(f"{gpu_type}: {error.message}")
        self.plan = replace(self.plan, rent=replace(self.plan.rent, tried=(*self.plan.rent.tried, gpu_type)))

    def _failed(self, pod: Pod, health: Health, fresh: bool) -> None:
        """Give up a worker that could not load."""
        log = self.provider.worker_log(pod, 0)
        problem = NotReadyError(
            f"the worker could not start: {health.detail}",
            hint=f"the whole log: {log.path}; fluxctl logs shows its end",
            code="load_failed",
        )
        self._given_up(pod, problem, fresh)

    def _given_up(self, pod: Pod, problem: NotReadyError, fresh: bool) -> None:
        """End a pod whose worker failed; raise what it said, unless it failed before anybody here was waiting for it."""
        if pod.adopted:
            why = f"{problem.message} (another computer rented this pod)"
            raise NotReadyError(why, hint="fluxctl down --all ends it", code=problem.code)
        report = metered(self.report, pod, self.environment.now)
        report(Progress(Stage.ENDING, 0.0, "a worker that failed earlier" if not fresh else ""))
        self.provider.end(pod, report)
        if fresh:
            raise problem

    def _await_end(self, pod: Pod, client: WorkerClient) -> None:
        """Wait until a draining worker has finished its picture, and end it."""
        began = self.environment.monotonic()
        while self.provider.is_alive(pod):
            waited = self.environment.monotonic() - began
            try:
                busy = client.idle().busy
            except WorkerUnreachableError:
                busy = False
            if not busy or waited > pod.limits.drain_seconds + DRAIN_SLACK_SECONDS:
                break
            self.report(Progress(Stage.DRAINING, waited, "the worker before finishes its picture"))
            self.environment.sleep(DRAIN_POLL_SECONDS)
        self.provider.end(pod, self.report)
