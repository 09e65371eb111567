"""Tells whether anybody waits for a pod, and whether it was ever ready: what its guard goes by, told by files in the pod's folder.

Each who waits holds a lock on one file, which goes with the process however that ends.
"""

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

    @property
    def _ready_file(self) -> Path:
        return self.folder / "was_ready"

    def attend(self) -> int:
        """Be counted as waiting until this process ends, or closes the descriptor that is returned."""
        with told(self._file, "opened"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

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

    @property
    def was_ready(self) -> bool:
        """Return whether its worker was seen ready since the pod was started last: from then on its own watchdog is enough."""
        return self._ready_file.exists()

    def note_ready(self) -> None:
        """Note that its worker was seen ready."""
        if not self.was_ready:
            with told(self._ready_file, "written"):
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._ready_file.touch(mode=0o600)

    def forget_ready(self) -> None:
        """Note that it is started again: until it is ready it needs a guard."""
        with told(self._ready_file, "removed"):
            self._ready_file.unlink(missing_ok=True)
