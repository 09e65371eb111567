"""Keeps two fluxctl from starting or ending the same pod at once."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError
from fluxctl.providers.file_trouble import told
from fluxctl.providers.process_lock import POLL_SECONDS


@contextmanager
def alone(lock: Path, environment: Environment, waiting: Callable[[float], None], patience_seconds: float) -> Generator[None]:
    """Hold a lock file meanwhile; `waiting` hears how many seconds that takes. Raise NotReadyError after `patience_seconds`."""
    began = environment.monotonic()
    with told(lock, "opened"):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _taken(descriptor):
            waited = environment.monotonic() - began
            if waited > patience_seconds:
                raise NotReadyError(f"another fluxctl has been starting or ending the worker for {waited:.0f} s", hint="fluxctl status")
            waiting(waited)
            environment.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone_at_once(lock: Path) -> Generator[bool]:
    """Hold a lock file meanwhile if nobody else does; tell whether it is held."""
    with told(lock, "opened"):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _taken(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
