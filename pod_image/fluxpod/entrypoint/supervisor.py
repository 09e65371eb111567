"""The entrypoint at work: starts everything in order, starts again what dies, answers, and ends everything on a signal."""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from fluxpod import worker_exit
from fluxpod.entrypoint import permission, session_environment, sshd
from fluxpod.entrypoint.answers import Answers
from fluxpod.entrypoint.child import Child
from fluxpod.entrypoint.child_log import ChildLog, say
from fluxpod.entrypoint.permission import Permission
from fluxpod.entrypoint.sshd import Prepared
from fluxpod.entrypoint.standing import Facts, state_of
from fluxpod.pod_contract import EntrypointState, PodPaths

DRAIN_SECONDS = 3.0
"""For worker and sshd to end by themselves; the whole end takes less than five, on a busy machine too."""
RESTART_SECONDS = 4.0
_LOOK_SECONDS = 1.0
_END_POLL_SECONDS = 0.02
_FLUXPOD = (sys.executable, "-P", "-m")


class Supervisor:
    """One pod's entrypoint. Its lock is held by the one who made it."""

    def __init__(self, variables: Mapping[str, str], paths: PodPaths) -> None:
        self._variables = variables
        self._paths = paths
        self._draining = False
        self._restart_wanted = False
        self._problems: dict[str, str] = {}
        """What fails → how; replaced whole, for threads read it."""
        self._permission = Permission()
        self._prepared: Prepared | None = None
        self._wake_reading, self._wake_writing = os.pipe()
        for end in (self._wake_reading, self._wake_writing):
            os.set_blocking(end, False)
        secrets = session_environment.secrets_in(variables)
        self._watchdog = Child("watchdog", self._watchdog_command, ChildLog("watchdog", paths.watchdog_log, secrets), waits_for_log=False)
        self._sshd = Child("sshd", self._sshd_command, ChildLog("sshd", paths.sshd_log, secrets))
        self._worker = Child(
            "worker", self._worker_command, ChildLog("worker", paths.worker_log, secrets), hopeless_codes=worker_exit.HOPELESS
        )

    def catch_signals(self) -> None:
        """From now on SIGTERM and SIGINT drain, and an ended child is noticed at once."""
        signal.set_wakeup_fd(self._wake_writing, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_end_signal)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def run(self) -> int:
        """Serve until a signal comes; return the exit code."""
        self._tried("watchdog", lambda: self._watchdog.look(time.monotonic()))
        answers = self._begin_to_answer()
        self._tried("sshd", self._prepare_sshd)
        self._tried("worker", self._ask_permission)
        said = ""
        while not self._draining:
            self._look()
            if (refusal := self._permission.refusal) != said:
                said = refusal
                _tell(refusal or "the worker may start")
            self._wait()
        self._end()
        if answers:
            answers.end()
        return 0

    def state(self) -> EntrypointState:
        """Return what is answered about this pod."""
        prepared = self._prepared
        facts = Facts(
            draining=self._draining,
            permission=self._permission,
            restart_wanted=self._restart_wanted,
            worker=self._worker.lives,
            worker_log=self._worker.log.last_lines,
            sshd=self._sshd.lives,
            sshd_trouble=prepared.trouble if prepared else "",
            sshd_last_line=self._sshd.log.last_line,
            fingerprint=prepared.fingerprint if prepared else "",
            problems=(*filter(None, self._problems.values()), *(prepared.problems if prepared else ())),
        )
        return state_of(facts, time.monotonic())

    def _begin_to_answer(self) -> Answers | None:
        try:
            answers = Answers(self._paths.entrypoint_socket, self.state, self._want_restart)
        except Exception as error:  # noqa: BLE001 - a pod that cannot be asked is watched all the same
            _tell(f"nothing is answered on {self._paths.entrypoint_socket}: {error}")
            return None
        answers.begin()
        return answers

    def _prepare_sshd(self) -> None:
        self._prepared = prepared = sshd.prepare(self._variables, self._paths)
        for problem in (*prepared.problems, *filter(None, [prepared.trouble])):
            _tell(problem)
        if prepared.fingerprint:
            _tell(f"host key {prepared.fingerprint}")

    def _ask_permission(self) -> None:
        self._permission = permission.ask(self._variables, self._wake)

    def _tried(self, what: str, work: Callable[[], None]) -> None:
        """Do the work; what it raises is said once and answered until it works again."""
        problem = ""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - nothing that goes wrong here may end the watchdog, which ends with this process
            problem = f"{what}: {type(error).__name__}: {error}"
        if problem and problem != self._problems.get(what):
            _tell(problem)
        self._problems = {**self._problems, what: problem}

    def _look(self) -> None:
        """Start what is due, the watchdog before all others."""
        self._tried("watchdog", lambda: self._watchdog.look(time.monotonic()))
        if self._prepared and not self._prepared.trouble:
            self._tried("sshd", lambda: self._sshd.look(time.monotonic()))
        if self._permission.granted:
            self._tried("worker", self._look_at_worker)

    def _look_at_worker(self) -> None:
        if self._restart_wanted:
            self._worker.signal(signal.SIGTERM)
            self._wait_for((self._worker,), RESTART_SECONDS, unless=lambda: self._draining)
            if self._draining:
                return
            self._worker.stop()
            self._restart_wanted = False
        self._worker.look(time.monotonic())

    def _end(self) -> None:
        """End everything within five seconds: worker and sessions first, the watchdog last."""
        say(b"fluxpod: ending; the running job is left to be resumed")
        for child in (self._worker, self._sshd):
            child.signal(signal.SIGTERM, deep=child is self._sshd)
        self._wait_for((self._worker, self._sshd), DRAIN_SECONDS)
        for child in (self._worker, self._sshd, self._watchdog):
            child.signal(signal.SIGKILL, deep=child is self._sshd)
        self._wait_for((self._worker, self._sshd, self._watchdog), 1.0)
        say(b"fluxpod: ended")

    @staticmethod
    def _wait_for(children: Sequence[Child], seconds: float, unless: Callable[[], bool] = lambda: False) -> None:
        latest = time.monotonic() + seconds
        while time.monotonic() < latest and not (unless() or all(child.has_ended() for child in children)):
            time.sleep(_END_POLL_SECONDS)

    def _watchdog_command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        return (*_FLUXPOD, "fluxpod.watchdog_process"), session_environment.for_watchdog(self._variables)

    def _sshd_command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        assert self._prepared  # noqa: S101 - it starts only once this is there
        return self._prepared.command()

    def _worker_command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        environment = session_environment.for_worker(self._variables)
        synced = self._paths.synced_code
        if (synced / "fluxpod" / "worker.py").is_file():
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(synced), environment.get("PYTHONPATH"))))
        return (*_FLUXPOD, "fluxpod.worker"), {**environment, "PYTHONUNBUFFERED": "1"}

    def _want_restart(self) -> None:
        self._restart_wanted = True
        self._wake()

    def _on_end_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._draining = True

    def _wake(self) -> None:
        try:
            os.write(self._wake_writing, b".")
        except BlockingIOError:
            return

    def _wait(self) -> None:
        """Sleep until a signal, an ended child, a wish, or the next start."""
        now = time.monotonic()
        starts = [child.lives.next_start for child in (self._watchdog, self._sshd, self._worker)]
        due = min((start - now for start in starts if start is not None and start > now), default=_LOOK_SECONDS)
        if self._draining:
            return
        select.select([self._wake_reading], [], [], max(0.0, min(due, _LOOK_SECONDS)))
        try:
            os.read(self._wake_reading, 4096)
        except BlockingIOError:
            return


def _tell(text: str) -> None:
    say(f"fluxpod: {text}".encode("utf-8", "replace"))
