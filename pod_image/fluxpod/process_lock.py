"""Holds a lock file for the life of a process, so that only one of a kind runs in a pod."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE_SECONDS = 0.3


class AlreadyRunningError(Exception):
    """Another process holds the lock."""


@contextmanager
def process_lock(path: Path) -> Generator[None]:
    """Given a lock file, hold it and keep this process's id in it; raise AlreadyRunningError when another process does.

    The kernel lets go of it with the process, however that ends; the file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _taken(descriptor):
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            raise AlreadyRunningError(f"process {holder or 'unknown'} holds {path}")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """Try again for a moment: whoever asks whether a process lives holds its lock for the microseconds of the question."""
    latest = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= latest:
                return False
            time.sleep(0.01)
        else:
            return True
