"""Tells from a locked file whether a process lives, and ends the one that holds it; a reused process id is never hit."""

import fcntl
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fluxctl.providers.file_trouble import told

POLL_SECONDS = 0.02


@dataclass(frozen=True)
class ProcessLock:
    """A file that a process locks (flock) for as long as it lives, with its process id inside."""

    path: Path

    def is_held(self) -> bool:
        """Return whether the process lives; raise ProviderError when that cannot be known."""
        with told(self.path, "looked at"):
            try:
                descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return False
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            finally:
                os.close(descriptor)
            return False

    def holder(self) -> int | None:
        """Return the id of the living process; None if there is none, or if it has not said its id yet."""
        process_id = self._inside() if self.is_held() else None
        return process_id if process_id is not None and process_id > 1 else None

    def names(self, process_id: int) -> bool:
        """Return whether the file bears this process id; the lock itself is left alone."""
        return self._inside() == process_id

    def _inside(self) -> int | None:
        try:
            return int(self.path.read_text().strip())
        except (OSError, ValueError):
            return None

    def wait(self, held: bool, seconds: float, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> bool:
        """Wait at most `seconds` until the process lives (`held`) or is gone; return whether that came true."""
        latest = monotonic() + seconds
        while self.is_held() is not held:
            if monotonic() >= latest:
                return False
            sleep(POLL_SECONDS)
        return True

    def end_holder(self, patience_seconds: float, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> bool:
        """Ask the process to end (SIGTERM), then make it (SIGKILL), each with `patience_seconds`; return whether it is known to be gone."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            process_id = self.holder()
            if process_id is not None:
                _send(process_id, number)
            if self.wait(False, patience_seconds, monotonic, sleep):
                return True
        return False


def _send(process_id: int, number: signal.Signals) -> None:
    try:
        os.kill(process_id, number)
    except (ProcessLookupError, PermissionError, OverflowError):
        # Whether it is gone tells the lock, not the signal.
        return
