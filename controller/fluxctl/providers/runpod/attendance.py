"""Tells whether anybody waits for a pod: each who does holds a lock on one file, which goes with the process however that ends."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from fluxctl.providers.file_trouble import told


@dataclass(frozen=True)
class Attendance:
    """Who waits for one pod."""

    folder: Path
    """The pod's own in the state."""

    @property
    def _file(self) -> Path:
        return self.folder / "attended"

    def attend(self) -> None:
        """Be counted as waiting until this process ends."""
        with told(self._file, "opened"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fcntl.flock(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), fcntl.LOCK_SH)

    def anybody(self) -> bool:
        """Return whether somebody waits."""
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False
