"""The local pod's two processes, watchdog and worker: starts and ends them, one fluxctl at a time."""

import importlib.util
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from fluxctl.environment import Environment
from fluxctl.errors import NotConfirmedError, NotReadyError, ProviderError
from fluxctl.providers.alone import alone
from fluxctl.providers.local_process import process_environment, start_detached, tail
from fluxctl.providers.process_lock import POLL_SECONDS, ProcessLock
from fluxpod.pod_contract import PodContract, PodPaths

START_SECONDS = 60.0
"""A process that has not taken its lock by then does not work; it does so before it imports anything heavy."""
END_PATIENCE_SECONDS = 5.0
LOCK_PATIENCE_SECONDS = 2 * START_SECONDS + 4 * END_PATIENCE_SECONDS
"""Whoever holds the start lock is done, or dead, by then."""


@dataclass(frozen=True)
class Commands:
    """What is started; `needed` are the modules that the worker cannot do without."""

    worker: tuple[str, ...] = (sys.executable, "-P", "-m", "fluxpod.worker")
    watchdog: tuple[str, ...] = (sys.executable, "-P", "-m", "fluxpod.watchdog_process")
    needed: tuple[str, ...] = ("torch", "diffusers", "transformers", "fastapi", "uvicorn")


@dataclass(frozen=True)
class LocalProcesses:
    """Worker and watchdog of one local pod."""

    environment: Environment
    paths: PodPaths
    commands: Commands

    @property
    def worker(self) -> ProcessLock:
        """Return the worker's lock."""
        return ProcessLock(self.paths.worker_lock)

    @property
    def watchdog(self) -> ProcessLock:
        """Return the watchdog's lock."""
        return ProcessLock(self.paths.watchdog_lock)

    @contextmanager
    def alone(self, waiting: Callable[[float], None]) -> Generator[None]:
        """Keep every other fluxctl from starting or ending them meanwhile; `waiting` hears how many seconds that takes."""
        with alone(self.paths.start_lock, self.environment, waiting, LOCK_PATIENCE_SECONDS):
            yield

    def start(self, contract: PodContract, hub_token: str | None) -> None:
        """Start a fresh watchdog, then the worker; return when both hold their locks, else raise NotReadyError, with nothing left.

        A watchdog that is left from an earlier worker goes first: it might end the new one by the old one's clock.
        """
        try:
            self._end("watchdog", self.watchdog)
            self.start_watchdog(contract)
            extra = {"HF_TOKEN": hub_token} if hub_token else {}
            variables = {**contract.to_environment(), **extra}
            self._start("worker", self.commands.worker, variables, self.paths.worker_log, self.worker)
        except BaseException:
            # Ctrl-C too: a pod that is half started is of no use to anybody.
            self.end()
            raise

    def start_watchdog(self, contract: PodContract) -> None:
        """Start a watchdog, and return when it holds its lock; raise NotReadyError otherwise."""
        self._start("watchdog", self.commands.watchdog, contract.to_environment(), self.paths.watchdog_log, self.watchdog)

    def end(self) -> None:
        """End the worker, then the watchdog; raise NotConfirmedError when one of them cannot be known to be gone."""
        self._end("worker", self.worker)
        self._end("watchdog", self.watchdog)

    def require_worker_extra(self) -> None:
        """Raise ProviderError when what the worker needs is not installed beside fluxctl."""
        missing = [name for name in self.commands.needed if importlib.util.find_spec(name) is None]
        if missing:
            raise ProviderError(
                f"this computer cannot make pictures yet: {', '.join(missing)} not installed",
                hint=f"{sys.executable} -m pip install 'fluxctl[worker]'",
                code="worker_not_installed",
            )

    def _start(self, what: str, command: tuple[str, ...], variables: Mapping[str, str], log: Path, lock: ProcessLock) -> None:
        """Start one process, and wait until it holds its lock."""
        whole = process_environment(self.environment.variables, self.environment.working_folder, variables)
        process = start_detached(command, whole, log, self.environment.now())
        latest = self.environment.monotonic() + START_SECONDS
        # Only a lock that names this process is tried, so that trying never comes between the process and its lock.
        while not (lock.names(process.pid) and lock.is_held()):
            if process.poll() is not None and lock.is_held():
                return
            if process.poll() is not None:
                raise self._ended_at_once(what, log, f"it ended with code {process.returncode}")
            if self.environment.monotonic() >= latest:
                _kill(process)
                raise self._ended_at_once(what, log, f"it has not begun to work after {START_SECONDS:.0f} s")
            self.environment.sleep(POLL_SECONDS)

    def _ended_at_once(self, what: str, log: Path, why: str) -> NotReadyError:
        last = "".join(f"\n  {line}" for line in tail(log, 15).lines)
        return NotReadyError(f"the local {what} does not start: {why}{last}", hint=f"the whole log: {log}", code=f"{what}_died")

    def _end(self, what: str, lock: ProcessLock) -> None:
        if not lock.end_holder(END_PATIENCE_SECONDS, self.environment.monotonic, self.environment.sleep):
            process_id = lock.holder()
            raise NotConfirmedError(
                f"the local {what} (process {process_id or 'unknown'}) still runs after SIGKILL",
                hint=f"kill -9 {process_id}, then fluxctl down" if process_id else f"fuser {lock.path}",
                code=f"{what}_still_runs",
            )


def _kill(process: "Popen[bytes]") -> None:
    try:
        process.kill()
    except ProcessLookupError:
        return
