"""Decides which job runs next, where the others stand, and when the queue is full (pure)."""

from collections.abc import Iterable

from fluxpod.jobs.record import JobRecord
from fluxpod.protocol import JobState


def next_job(records: Iterable[JobRecord]) -> JobRecord | None:
    """Given the open jobs, return the one to run: the first in order that waits; None when none waits."""
    waiting = [record for record in records if record.status.state is JobState.QUEUED]
    return min(waiting, key=lambda record: record.order, default=None)


def positions(records: Iterable[JobRecord]) -> dict[str, int]:
    """Given the open jobs, return for each that waits how many come before it, the running one included."""
    ordered = sorted(records, key=lambda record: (record.status.state is not JobState.RUNNING, record.order))
    return {record.id: place for place, record in enumerate(ordered) if record.status.state is JobState.QUEUED}


def waiting_pictures(records: Iterable[JobRecord]) -> int:
    """Given the open jobs, return how many pictures wait to be begun."""
    return sum(len(record.missing()) for record in records if record.status.state is JobState.QUEUED)


def order_after(records: Iterable[JobRecord], now: float) -> int:
    """Given the open jobs and the wall clock in seconds, return an order behind all of them, whatever the clock did."""
    return max(int(now * 1_000_000), *(record.order + 1 for record in records), 0)
