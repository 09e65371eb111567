"""Gathers what runs, what it does, and when it ends; asking changes nothing."""

from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.pods.pod import LogTail, Pod, WatchReport
from fluxctl.pods.rental import RentalState
from fluxctl.providers.base import Provider
from fluxctl.services.provider import Chosen
from fluxctl.settings.load import Settings
from fluxpod.pod_contract import EntrypointState
from fluxpod.protocol import Health, JobState

SCHEMA = 1
_NOT_REACHABLE = {
    RentalState.STARTING: "it is rented, and no container runs yet: the image is pulled (fluxctl logs --system)",
    RentalState.UNKNOWN: "the market uses a word for its state that is not known here",
}
"""States of a rental in which nobody can answer."""

_NO_WAY_IN = ("ssh_", "no_ssh", "key_", "wrong_host_key")
"""How the codes of errors begin that come from the way to the pod, and not from what answers there."""


@dataclass(frozen=True)
class WorkerStatus:
    """A worker that answers."""

    health: Health
    queued: int
    running: int
    busy: bool


@dataclass(frozen=True)
class Status:
    """One provider, at one moment."""

    provider: str
    because: str
    now: float
    """Seconds since 1970 (UTC)."""
    pod: Pod | None
    worker: WorkerStatus | None
    """None: nothing runs, or it does not answer."""
    watch: WatchReport | None
    log: LogTail | None
    silence: str = ""
    """Why the worker gave no answer."""
    entrypoint: EntrypointState | None = None
    """What the pod's entrypoint says of a worker that gives no answer."""
    stopped: str | None = None
    """Where nothing runs: which pod is kept stopped, and what its disk costs."""

    @property
    def cost_usd(self) -> float | None:
        """Return what the pod has cost so far, by its price; None where it costs nothing, or its price is not known."""
        return None if self.pod is None else self.pod.cost_usd(self.now)

    @property
    def ends_in_seconds(self) -> float | None:
        """Return how long until the pod ends if nobody uses it; None when that is not known."""
        return None if self.watch is None or self.watch.ends_at is None else max(0.0, self.watch.ends_at - self.now)

    @property
    def lifetime_ends_at(self) -> float | None:
        """Return when the pod ends whatever happens, in seconds since 1970 (UTC)."""
        if self.pod is None:
            return None
        said = self.watch.lifetime_ends_at if self.watch else None
        return self.pod.latest_end_at if said is None else said

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `status --json`; times are seconds since 1970 (UTC)."""
        return {
            "schema": SCHEMA,
            "provider": self.provider,
            "running": self.pod is not None,
            "pod": self.pod and {"id": self.pod.id, "created_at": self.pod.created_at, "model": self.pod.model},
            "rental": self._rental_document(),
            "stopped": self.stopped,
            "worker": self._worker_document(),
            "ends": self.pod
            and {
                "reason": self.watch.reason if self.watch else None,
                "at": self.watch.ends_at if self.watch else None,
                "in_seconds": self.ends_in_seconds,
                "in_use": self.watch.in_use if self.watch else None,
                "lifetime_at": self.lifetime_ends_at,
            },
            "watchdog": self.watch and {"alive": self.watch.alive, "log": self.watch.log},
            "log": self.log and self.log.path,
            "error": None,
        }

    def _rental_document(self) -> dict[str, Any] | None:
        """Return what the market says of the pod, None where none rents it out; never its environment."""
        pod = self.pod
        if pod is None or pod.rental is None:
            return None
        rental = pod.rental
        return {
            "name": rental.name,
            "state": str(rental.state),
            "reason": rental.reason,
            "gpu_type": rental.gpu_type,
            "data_center": rental.data_center,
            "volume_id": rental.volume_id,
            "price_per_hour_usd": rental.price_per_hour_usd,
            "cost_usd": self.cost_usd,
            "cost_basis": "estimated",
            "adopted": pod.adopted,
        }

    def _worker_document(self) -> dict[str, Any] | None:
        if self.worker is None:
            said = self.entrypoint and {"state": self.entrypoint.state, "detail": self.entrypoint.detail, "log": list(self.entrypoint.log)}
            return None if self.pod is None else {"phase": None, "detail": self.silence, "entrypoint": said}
        health = self.worker.health
        return {
            "phase": str(health.phase),
            "detail": health.detail,
            "seconds_in_phase": health.seconds_in_phase,
            "model": health.model,
            "version": health.version,
            "plan": health.plan and health.plan.model_dump(mode="json"),
            "queued": self.worker.queued,
            "running": self.worker.running,
            "busy": self.worker.busy,
        }


def status(environment: Environment, settings: Settings, chosen: Chosen) -> Status:
    """Given the provider that was chosen, return what runs there; raise PodStateLostError when that cannot be read."""
    return look(environment, chosen.open(environment, settings), chosen.because, chosen.pod)


def look(environment: Environment, opened: Provider, because: str, known: Pod | None = None) -> Status:
    """Given an opened provider, and its pod where it was just looked up, do what `status` does."""
    provider, pod = opened.name, known or opened.find()
    if pod is None:
        return Status(provider, because, environment.now(), None, None, None, None, stopped=opened.stopped())
    if pod.rental is not None and pod.rental.state in _NOT_REACHABLE:
        return Status(provider, because, environment.now(), pod, None, None, None, _NOT_REACHABLE[pod.rental.state])
    log = opened.worker_log(pod, 0)
    try:
        worker = _worker_of(opened, pod)
    except FluxctlError as error:
        if pod.rental is not None and error.code.startswith(_NO_WAY_IN):
            # Nothing inside can be looked at; each further try would ask the market for the address once more.
            return Status(provider, because, environment.now(), pod, None, None, log, error.message)
        watch, state = opened.watch_report(pod), opened.entrypoint_state(pod)
        return Status(provider, because, environment.now(), pod, None, watch, log, error.message, state)
    return Status(provider, because, environment.now(), pod, worker, opened.watch_report(pod), log)


def _worker_of(opened: Provider, pod: Pod) -> WorkerStatus:
    client = opened.connect(pod)
    try:
        health, idle, jobs = client.health(), client.idle(), client.jobs((JobState.QUEUED, JobState.RUNNING))
    finally:
        client.close()
    running = sum(job.state is JobState.RUNNING for job in jobs)
    return WorkerStatus(health, len(jobs) - running, running, idle.busy)
