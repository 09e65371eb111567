"""The guards of rented pods, as processes of this computer."""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from fluxctl.providers.runpod.guard_process import MODULE


def guards_of(home: Path) -> list[int]:
    """Return the ids of the guards that live and keep their state below a home."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            variables = (folder / "environ").read_bytes().split(b"\0")
            if MODULE.encode() in words and f"FLUXCTL_HOME={home}".encode() in variables:
                found.append(int(folder.name))
    return found


def guard_log(home: Path) -> str:
    """Return what every guard of a home has written."""
    return "".join(log.read_text() for log in sorted((home / "state" / "guards").glob("*.log")))


@contextmanager
def no_guard_left(home: Path) -> Generator[None]:
    """Kill at the end what guards a home still has."""
    try:
        yield
    finally:
        for guard in guards_of(home):
            with suppress(ProcessLookupError):
                os.kill(guard, signal.SIGKILL)
