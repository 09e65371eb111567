"""Decides when a pod has to end: pure functions of what was seen so far, the limits and `now`. Standard library only.

All times are seconds on one monotonic clock, the watchdog's own. Nothing here does anything: see `watchdog_loop.py`.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from fluxpod.pod_contract import Limits

LONGEST_KEEP_SECONDS = 14400.0
"""`keep` holds at most four hours, whatever the worker says."""
LIVES_THAT_COUNT = 3
"""A worker that was started more often than this and never was ready makes no progress any more: it dies in a loop."""
_READY = ("ready", "draining")


class Reason(StrEnum):
    """Why a pod ends."""

    IDLE = "idle"
    BOOT = "boot"
    LIFETIME = "lifetime"
    GONE = "gone"
    """The worker has ended; nothing is left to watch (local provider)."""


@dataclass(frozen=True)
class Facts:
    """One answer of the worker (`GET /v1/idle`)."""

    phase: str
    activity_seen: int
    busy: bool
    progress: int
    keep_seconds_left: float = 0.0


@dataclass(frozen=True)
class Memory:
    """What was seen so far."""

    moved_at: float
    """Last progress while booting; afterwards the last use or movement that was seen."""
    ready: bool = False
    """The worker was ready once."""
    facts: Facts | None = None
    """The last answer; None: there was none yet."""
    answered_at: float | None = None
    keep_until: float = -math.inf
    appeared: bool = False
    """The worker's process was seen."""
    lives: int = 1
    """So many workers were seen, one after the other: counters that fell are a new one's."""
    absent_since: float | None = None
    """Since when its process is known to be gone, after it was seen; None: it may live."""


@dataclass(frozen=True)
class End:
    """The next end, if nothing is seen until then."""

    reason: Reason
    at: float
    in_use: bool = False
    """Work moves or `keep` holds, so that the idle clock stands still."""


def observe(memory: Memory, facts: Facts | None, now: float, *, present: bool = True) -> Memory:
    """Given what was seen before, and an answer (None: silence) and whether the worker's process lives, return what is known now."""
    appeared = memory.appeared or present
    absent_since = (now if memory.absent_since is None else memory.absent_since) if appeared and not present else None
    memory = replace(memory, appeared=appeared, absent_since=absent_since)
    if facts is None:
        return memory
    ready = memory.ready or facts.phase in _READY
    lives = memory.lives + (memory.facts is not None and facts.progress < memory.facts.progress)
    moved = ready is not memory.ready or memory.facts is None or _moved(memory.ready, lives, memory.facts, facts)
    return replace(
        memory,
        lives=lives,
        moved_at=now if moved else memory.moved_at,
        ready=ready,
        facts=facts,
        answered_at=now,
        keep_until=now + min(facts.keep_seconds_left, LONGEST_KEEP_SECONDS) if facts.keep_seconds_left > 0 else -math.inf,
    )


def used(memory: Memory, now: float) -> Memory:
    """Given that the worker said that something began meanwhile (409 to a drain), return what is known now."""
    return replace(memory, moved_at=now)


def next_end(memory: Memory, limits: Limits, lifetime_ends_at: float, now: float) -> End:
    """Given what was seen and when the lifetime ends, return the pod's next end; it is due once `at` has come."""
    ends = [End(Reason.LIFETIME, lifetime_ends_at)]
    if memory.absent_since is not None:
        ends.append(End(Reason.GONE, memory.absent_since + limits.silence_timeout_seconds))
    if memory.ready:
        idle_from = memory.moved_at + limits.idle_timeout_seconds
        use_until = _in_use_until(memory, limits)
        ends.append(End(Reason.IDLE, max(idle_from, use_until), in_use=use_until > now))
    else:
        ends.append(End(Reason.BOOT, memory.moved_at + limits.boot_grace_seconds))
    return min(ends, key=lambda end: end.at)


def _in_use_until(memory: Memory, limits: Limits) -> float:
    """Until when the idle clock stands still without a further sign: moving work, or `keep`, of a worker that answers."""
    if memory.facts is None or memory.answered_at is None:
        return memory.moved_at
    work_until = memory.moved_at + limits.stall_timeout_seconds if memory.facts.busy else memory.moved_at
    return min(memory.answered_at + limits.silence_timeout_seconds, max(work_until, memory.keep_until))


def _moved(was_ready: bool, lives: int, before: Facts, after: Facts) -> bool:
    """Whether there was use (or, while booting, progress) between two answers; counters that fell are a new process's, and no use."""
    if not was_ready:
        return lives <= LIVES_THAT_COUNT and (after.phase != before.phase or after.progress > before.progress)
    worked = (before.busy or after.busy) and after.progress > before.progress
    return worked or after.activity_seen > before.activity_seen
