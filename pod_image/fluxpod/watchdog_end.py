"""Ends what a watchdog watches. Here: one process on this machine, worker or entrypoint, found by its lock."""

import fcntl
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PATIENCE_SECONDS = 5.0
"""For a process to end after a signal."""
_POLL_SECONDS = 0.05


class Ending(Protocol):
    """How a pod is ended."""

    wait_seconds: float
    """The next try is of no use before so many seconds; 0.0: whenever it suits."""

    def present(self) -> bool:
        """Return whether there is something to end, as far as can be known."""
        ...

    def end(self) -> bool:
        """Try to end it; return whether it is known to be gone. A later try may do more."""
        ...


@dataclass
class ProcessEnding:
    """Ends the process that holds a lock (flock); a reused process id is never hit, for nobody else holds that lock."""

    what: str
    """`worker` or `entrypoint`, for the log."""
    descriptor: int
    """The lock's file, kept open: it stays the same one when somebody deletes the folder."""
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    log: Callable[[str], None]
    wait_seconds: float = 0.0

    @classmethod
    def opened(
        cls, what: str, lock: Path, monotonic: Callable[[], float], sleep: Callable[[float], None], log: Callable[[str], None]
    ) -> "ProcessEnding":
        """Given the lock's path, open it, and make it if its process has not done so yet."""
        lock.parent.mkdir(parents=True, exist_ok=True)
        return cls(what, os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), monotonic, sleep, log)

    def present(self) -> bool:
        """Return whether somebody holds the lock."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        return False

    def end(self) -> bool:
        """Ask the process to end, then make it; return whether the lock is free."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.present():
                return True
            self._send(number)
            latest = self.monotonic() + PATIENCE_SECONDS
            while self.monotonic() < latest:
                if not self.present():
                    self.log(f"the {self.what} has ended ({number.name})")
                    return True
                self.sleep(_POLL_SECONDS)
        return not self.present()

    def _send(self, number: signal.Signals) -> None:
        try:
            process_id = int(os.pread(self.descriptor, 32, 0))
            if process_id > 1 and self.present():
                os.kill(process_id, number)
        except (OSError, ValueError) as error:
            self.log(f"the {self.what}'s process cannot be sent {number.name}: {error}")
