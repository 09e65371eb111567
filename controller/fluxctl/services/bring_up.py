"""Hands back a ready worker: the live one, else a new one; an outdated, failed or draining one is replaced."""

from dataclasses import dataclass

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError
from fluxctl.link.client import WorkerClient
from fluxctl.link.errors import TokenRefusedError, WorkerUnreachableError
from fluxctl.pods.pod import Pod, PodPlan
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.base import PodStateLostError, Provider, Report
from fluxctl.services.provider import kept_limits, open_provider, pod_plan
from fluxctl.services.readiness import WORKER_DOWN, Readiness
from fluxctl.settings.load import Settings
from fluxpod.protocol import PROTOCOL, Health, Phase, source_hash

EMBEDDED = "embedded"
MOST_ROUNDS = 4
"""Worker after worker that ends while it is waited for is no accident."""
MAKE_IMAGE = "make image, then fluxctl down and up; or fluxctl sync"
"""How a pod of an image gets this version's code."""
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


def bring_up(environment: Environment, settings: Settings, *, model: str, source: str, provider: str, report: Report) -> Ready:
    """Given the model to load first, if a worker has to be started, and a provider that was chosen, return a ready worker.

    A live worker with another model is good: the first job for this one makes it load. Raise NotReadyError when the worker ends,
    fails or gets nowhere (its last words are in the message), PodStateLostError when one runs and cannot be spoken to, ProviderError
    when none can be started.
    """
    plan = pod_plan(settings, model, source)
    opened = open_provider(provider, environment, settings)
    return BringUp(environment, opened, plan, report, settings.values.link.ready_timeout_seconds).ready()


@dataclass
class BringUp:
    """One try to have a ready worker of a provider."""

    environment: Environment
    provider: Provider
    plan: PodPlan
    report: Report
    timeout_seconds: float

    def ready(self) -> Ready:
        """Return a ready worker; see `bring_up`."""
        began = self.environment.monotonic()
        for _ in range(MOST_ROUNDS):
            pod, started = self.provider.find(), False
            if pod is None:
                creation = self.provider.create(self.plan, self.report)
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

    def _settled(self, pod: Pod, client: WorkerClient, started: bool) -> tuple[Health, tuple[str, ...]] | None:
        """Return the ready worker's health with notes; None when the worker is gone, and another one is needed."""
        self.provider.watch(pod)
        readiness = Readiness(self.environment, self.provider, pod, client, self.report, self.timeout_seconds)
        try:
            health = readiness.wait()
        except NotReadyError as error:
            if error.code == WORKER_DOWN:
                hint = "mend what it says, then fluxctl up"
                return self._given_up(pod, NotReadyError(error.message, hint=hint, code=error.code), started or readiness.saw_it_start)
            if started or error.code != "worker_died":
                raise
            return None
        if health.phase is Phase.FAILED:
            return self._failed(pod, health, started or readiness.saw_it_start)
        if health.phase is Phase.DRAINING:
            return self._await_end(pod, client)
        return self._up_to_date(pod, client, health, started)

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
        self.report(Progress(Stage.ENDING, 0.0, "a worker that failed earlier" if not fresh else ""))
        self.provider.end(pod, self.report)
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

    def _up_to_date(self, pod: Pod, client: WorkerClient, health: Health, started: bool) -> tuple[Health, tuple[str, ...]] | None:
        """Return the health of a worker of this version that can load the model, with notes; replace one that nobody uses and that
        is older or lacks HF_TOKEN, and say it of one that is used."""
        kept = () if started else kept_limits(pod, self.plan.limits)
        if health.protocol == PROTOCOL and health.source_hash == source_hash():
            if started or not self._lacks_hub_token(pod, health):
                return health, kept
            if self._ended_idle(pod, client, "a worker that was started without this HF_TOKEN"):
                return None
            busy = "the worker was started without this HF_TOKEN and is at work; if a download is refused: fluxctl down, then try again"
            return health, (*kept, busy)
        return self._of_another_version(pod, client, health, kept)

    def _of_another_version(
        self, pod: Pod, client: WorkerClient, health: Health, kept: tuple[str, ...]
    ) -> tuple[Health, tuple[str, ...]] | None:
        """Replace a worker of another version where a new one would be of this version and nobody uses it; else use it, and say so."""
        would_fit = self.provider.source_hash() == source_hash()
        if would_fit and self._ended_idle(pod, client, "a worker of another version"):
            return None
        if health.protocol != PROTOCOL:
            at_work, wait = (
                (", and it is at work", "wait until it is done (fluxctl status), or fluxctl down") if would_fit else ("", MAKE_IMAGE)
            )
            why = f"the worker that runs speaks protocol {health.protocol}, this fluxctl {PROTOCOL}{at_work}"
            raise NotReadyError(why, hint=wait, code="other_protocol")
        if would_fit:
            return health, (*kept, "the worker is of another version than fluxctl and at work; it is replaced when it is idle")
        return health, (*kept, f"the worker runs other code than this fluxctl; {MAKE_IMAGE}")

    def _lacks_hub_token(self, pod: Pod, health: Health) -> bool:
        """Return whether the model still has to come from the hub, and the worker does not have the person's token for it."""
        source, token = self.plan.source, self.plan.hub_token
        from_hub = source != EMBEDDED and not source.startswith("/")
        return token is not None and from_hub and health.model != self.plan.model and not self.provider.knows_hub_token(pod, token)

    def _ended_idle(self, pod: Pod, client: WorkerClient, what: str) -> bool:
        """End a worker that nobody uses; return False when it is used."""
        idle = client.idle()
        if idle.busy or not client.drain(idle.activity_seen):
            return False
        self.report(Progress(Stage.ENDING, 0.0, what))
        self.provider.end(pod, self.report)
        return True
