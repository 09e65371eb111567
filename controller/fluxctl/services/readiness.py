"""Waits for a worker to come up, as long as it makes progress."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError
from fluxctl.link.client import WorkerClient
from fluxctl.link.errors import OtherMachineError, WorkerUnreachableError
from fluxctl.pods.pod import Pod
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.base import Provider, Report
from fluxpod.pod_contract import CRASH_LOOP, FAILED
from fluxpod.protocol import Health, Phase

FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.25
LONGEST_IMPORT_SECONDS = 180.0
"""Until a worker that just started first answers: the libraries may come from a slow disk."""
FIRST_ANSWER_SECONDS = 300.0
"""For a rented machine that is new, from its address, then from its first answer over SSH: for a minute or two after a start RunPod
names an address at which nobody listens yet, or somebody else's machine does."""
BAD_STARTS = ("worker_died", "worker_silent", "no_progress", "wrong_host_key")
"""What a machine that never gets ready ends in: another one may do better. A worker that says why it cannot start is not among them."""
LOG_LINES = 15
WORKER_DOWN = "worker_down"
"""The code of the error for a pod that lives while its entrypoint has given its worker up."""
SECONDS_BETWEEN_QUESTIONS = 1.0
"""To the entrypoint of a pod whose worker is silent."""
_STAGES = {
    Phase.BOOTING: Stage.BOOTING,
    Phase.DOWNLOADING: Stage.DOWNLOADING,
    Phase.LOADING: Stage.LOADING,
    Phase.WARMING: Stage.WARMING,
}
_SETTLED = (Phase.READY, Phase.DRAINING, Phase.FAILED)


@dataclass
class Readiness:
    """One wait for one pod's worker."""

    environment: Environment
    provider: Provider
    pod: Pod
    client: WorkerClient
    report: Report
    timeout_seconds: float
    """For all of it."""
    saw_it_start: bool = False
    """Whether it was seen before it was ready."""
    is_guarded: bool = False
    """Whether it is a rented pod of this computer's that was never ready: it may be given up for another."""
    _elsewhere: OtherMachineError | None = None
    """What the last try met: an address that is another machine's by now, or not yet the pod's."""
    _began: float = field(init=False)
    _moved_at: float = field(init=False)
    _last_seen: tuple[object, ...] = ()
    _answered: bool = False
    _asked_entrypoint_at: float = float("-inf")
    _entrypoint: str = ""
    _is_connected: bool = False
    """Whether the entrypoint of a rented pod answered the last question over SSH."""
    _connected_at: float | None = None

    def __post_init__(self) -> None:
        """Start the clock."""
        self._began = self._moved_at = self.environment.monotonic()

    def wait(self) -> Health:
        """Return the worker's health once it is ready, draining or failed; raise NotReadyError when it ends, is silent or gets nowhere."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            health = self._look()
            if health is not None and health.phase in _SETTLED:
                if health.phase is not Phase.FAILED:
                    self.provider.note_ready(self.pod)
                return health
            if not self.saw_it_start:
                self.is_guarded = self.provider.guard(self.pod)
            if not self.provider.is_alive(self.pod):
                raise died("the worker ended before it was ready", "worker_died", self.provider, self.pod)
            self.saw_it_start = True
            self._give_up_or_go_on()
            self.environment.sleep(pause)
            pause = min(LONGEST_PAUSE_SECONDS, pause * 1.5)

    def is_bad_start(self, error: NotReadyError) -> bool:
        """Given what `wait` raised, return whether another machine may do better, and this one may be given up."""
        return self.is_guarded and error.code in BAD_STARTS

    def _look(self) -> Health | None:
        """Ask once; note whether anything moved; report."""
        now = self.environment.monotonic()
        try:
            health = self.client.health()
            if health.phase in _SETTLED:
                return health
            seen = (health.phase, health.detail, health.bytes_done, self.client.idle().progress)
        except (WorkerUnreachableError, OtherMachineError) as error:
            self._unreachable(error, now)
            return None
        self._answered = True
        if seen != self._last_seen:
            self._moved_at, self._last_seen = now, seen
        self._tell(health, now)
        return health

    def _tell(self, health: Health, now: float) -> None:
        """Report where the worker stands; that a rented pod is connected comes first, and is all there is to say while it boots."""
        is_rented, boots = self.pod.rental is not None, health.phase is Phase.BOOTING
        if is_rented and (boots or self._connected_at is None):
            self._tell_connected(now, health.detail)
        if not (is_rented and boots):
            seconds = health.seconds_in_phase
            self.report(Progress(_STAGES[health.phase], seconds, health.detail, health.bytes_done, health.bytes_total))

    def _tell_connected(self, now: float, detail: str) -> None:
        self._connected_at = now if self._connected_at is None else self._connected_at
        self.report(Progress(Stage.CONNECTED, now - self._connected_at, detail))

    def _unreachable(self, error: WorkerUnreachableError | OtherMachineError, now: float) -> None:
        """Bear with it for a while; the address of a rented pod is asked afresh at every try, and was perhaps an old one."""
        if isinstance(error, OtherMachineError) and self.pod.rental is None:
            raise error
        self._elsewhere = error if isinstance(error, OtherMachineError) else None
        self._silent(now)

    def _silent(self, now: float) -> None:
        """Report what the pod's entrypoint says of a worker that does not answer; raise NotReadyError when it will not start."""
        if now - self._asked_entrypoint_at >= SECONDS_BETWEEN_QUESTIONS:
            self._asked_entrypoint_at = now
            state = self.provider.entrypoint_state(self.pod)
            self._entrypoint = state.detail if state else ""
            if state is not None and state.state in (FAILED, CRASH_LOOP):
                raise died(f"the worker does not start: {state.detail or state.state}", WORKER_DOWN, self.provider, self.pod, state.log)
            self._is_connected = self.pod.rental is not None and state is not None
        elsewhere = "another machine answers at its address, which is asked for again" if self._elsewhere else ""
        detail = elsewhere or self._entrypoint or "the worker does not answer yet"
        if self._is_connected:
            self._tell_connected(now, detail)
        else:
            self.report(Progress(Stage.BOOTING, now - self._began, detail))

    def _give_up_or_go_on(self) -> None:
        now, limits = self.environment.monotonic(), self.pod.limits
        if not self._answered and self._is_silent_for_too_long(now):
            if self._elsewhere is not None:
                raise self._elsewhere
            raise died(f"the worker does not answer (asked for {now - self._began:.0f} s)", "worker_silent", self.provider, self.pod)
        if now - self._moved_at > limits.boot_grace_seconds:
            raise died(f"the worker has made no progress for {now - self._moved_at:.0f} s", "no_progress", self.provider, self.pod)
        if now - self._began > self.timeout_seconds:
            why = f"the worker is not ready after {self.timeout_seconds:.0f} s (link.ready_timeout_seconds); it goes on"
            raise NotReadyError(why, hint="fluxctl status", code="ready_timeout")

    def _is_silent_for_too_long(self, now: float) -> bool:
        limits = self.pod.limits
        if self.is_guarded:
            return now - (self._connected_at or self._began) > min(FIRST_ANSWER_SECONDS, limits.boot_grace_seconds)
        return self._is_old() and now - self._began > limits.silence_timeout_seconds

    def _is_old(self) -> bool:
        """Return whether the worker was started so long ago that it should answer by now, whatever it does."""
        return self.environment.now() - self.pod.created_at > min(LONGEST_IMPORT_SECONDS, self.pod.limits.boot_grace_seconds)


def died(why: str, code: str, provider: Provider, pod: Pod, words: Sequence[str] = ()) -> NotReadyError:
    """Given what happened, return the error that shows the worker's last words (`words`, where known) and where its whole log is."""
    log = provider.worker_log(pod, LOG_LINES)
    last = "".join(f"\n  {line}" for line in list(words or log.lines)[-LOG_LINES:])
    more = f" Its last words:{last}" if last else ""
    end = "; fluxctl down ends the worker" if provider.is_alive(pod) else ""
    return NotReadyError(f"{why}.{more}", hint=f"the whole log: {log.path}; fluxctl logs shows its end{end}", code=code)
