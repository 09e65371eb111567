"""Turns a pod's lifetime into a deadline on a clock that neither suspend nor NTP moves, and keeps it over a restart of the watchdog."""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from fluxpod.whole_files import write_whole

LONGEST_AGE_SECONDS = 1800.0
"""A pod is never taken for older than this at the first start: its clock or the creator's may be wrong."""
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True)
class Deadline:
    """When a lifetime ends."""

    pod_id: str
    created_at: float
    """Seconds since 1970 (UTC), as the creator said: it tells one pod of a fixed id from the next."""
    boot_id: str
    """The machine's run that `ends_at` counts in."""
    ends_at: float
    """Seconds on the steady clock."""


def steady_seconds() -> float:
    """Return the steady clock: seconds since the machine started, suspended ones included."""
    return time.clock_gettime(_STEADY)


def boot_id() -> str:
    """Return the name of this run of the machine; empty where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        if sys.platform != "darwin":
            return ""
    import subprocess

    try:
        return subprocess.run(["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, timeout=5).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def first_deadline(pod_id: str, created_at: float, lifetime_seconds: float, *, wall: float, steady: float, boot: str) -> Deadline:
    """Given the pod and both clocks' `now`, return the deadline of its first start."""
    age_seconds = min(max(wall - created_at, 0.0), LONGEST_AGE_SECONDS)
    return Deadline(pod_id, created_at, boot, steady + lifetime_seconds - age_seconds)


def kept_deadline(fresh: Deadline, file: Path, *, latest: float) -> Deadline:
    """Given the deadline as a first start would set it, return the one that an earlier start of the same pod kept, if there is one.

    `latest` caps it, in steady seconds: what the file says never prolongs a life.
    """
    try:
        said = json.loads(file.read_bytes())
        kept = Deadline(str(said["pod_id"]), float(said["created_at"]), str(said["boot_id"]), float(said["ends_at"]))
    except (OSError, ValueError, TypeError, KeyError):
        return fresh
    same = (kept.pod_id, kept.created_at, kept.boot_id) == (fresh.pod_id, fresh.created_at, fresh.boot_id)
    return kept if same and kept.ends_at <= latest else fresh


def keep(deadline: Deadline, file: Path) -> None:
    """Write a deadline, whole or not at all; raise OSError when that fails."""
    write_whole(file, json.dumps(asdict(deadline)).encode())
