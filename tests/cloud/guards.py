"""Finds the guards that fluxctl started for one home, which outlive both it and a cloud that is gone, and ends them."""

import contextlib
import os
import signal
from pathlib import Path

from fluxctl.providers.runpod.guard_process import MODULE


def guards_of(home: Path) -> list[int]:
    """Return the process ids of a home's guards; none where processes cannot be looked at."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            variables = (process / "environ").read_bytes().split(b"\0")
            if MODULE.encode() in words and f"FLUXCTL_HOME={home}".encode() in variables:
                found.append(int(process.name))
    return found


def end_guards(home: Path) -> None:
    """End them: the pods that they watch are gone with their cloud."""
    for process_id in guards_of(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGTERM)
