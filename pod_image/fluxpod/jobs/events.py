"""Remembers what happened to one job, so that any number of readers can follow it and resume where they stopped."""

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from fluxpod.protocol import (
    CancelledEvent,
    DoneEvent,
    FailedEvent,
    JobError,
    JobEvent,
    JobState,
    JobStatus,
    PictureEvent,
    QueuedEvent,
    StartedEvent,
    StepEvent,
    TextEvent,
)

MOST_STEPS_KEPT = 4096
"""Beyond it the oldest steps are forgotten; pictures, starts and ends never are."""
ENDED_BOOT = "ended"


class Entry(NamedTuple):
    """One event with its place: `number` in this log, `pictures` finished up to and including it."""

    number: int
    pictures: int
    event: JobEvent


class Cursor(NamedTuple):
    """Where a reader stands: after entry `number`, having seen the first `pictures` pictures."""

    number: int = 0
    pictures: int = 0


class EventLog:
    """Events of one job, numbered from 1. The writer never waits for a reader."""

    def __init__(self, boot: str, events: Sequence[JobEvent] = ()) -> None:
        self._boot = boot
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._number = 0
        self._pictures = 0
        self._steps = 0
        self._watchers: set[Callable[[bool], None]] = set()
        self.closed = False
        for event in events:
            self.append(event)

    def append(self, event: JobEvent) -> None:
        """Add an event and wake the readers."""
        with self._lock:
            if isinstance(event, QueuedEvent) and self._entries and isinstance(self._entries[-1].event, QueuedEvent):
                self._entries.pop()  # only the newest position is news
            self._number += 1
            self._pictures += isinstance(event, PictureEvent)
            self._entries.append(Entry(self._number, self._pictures, event))
            self._steps += isinstance(event, StepEvent)
            if self._steps > MOST_STEPS_KEPT:
                self._forget_old_steps()
        self._wake(only_step=isinstance(event, StepEvent))

    def close(self) -> None:
        """Let the readers go: the worker ends, the job does not."""
        self.closed = True
        self._wake(only_step=False)

    def after(self, cursor: Cursor) -> list[Entry]:
        """Return what a reader at `cursor` has not seen, in order."""
        with self._lock:
            first = len(self._entries)
            while first and self._entries[first - 1].number > cursor.number:
                first -= 1
            fresh = self._entries[first:]
        return [entry for entry in fresh if not (isinstance(entry.event, PictureEvent) and entry.pictures <= cursor.pictures)]

    def event_id(self, entry: Entry) -> str:
        """Return the id by which a reader can resume after `entry`, also with the worker's next life."""
        return f"{self._boot}-{entry.number}-{entry.pictures}"

    def cursor(self, last_event_id: str | None) -> Cursor:
        """Given the last id a reader saw, return where to go on; after another life of the worker only pictures can be left out."""
        boot, _, place = (last_event_id or "").partition("-")
        number, _, pictures = place.partition("-")
        if not (number.isascii() and number.isdigit() and pictures.isascii() and pictures.isdigit()):
            return Cursor()
        return Cursor(int(number), int(pictures)) if boot == self._boot else Cursor(0, int(pictures))

    @contextmanager
    def watched(self, wake: Callable[[bool], None]) -> Generator[None]:
        """Call `wake` (quick, from any thread) after every change while the context lasts; it is told whether that was only a step."""
        with self._lock:
            self._watchers.add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._watchers.discard(wake)

    def _wake(self, *, only_step: bool) -> None:
        with self._lock:
            watchers = tuple(self._watchers)
        for wake in watchers:
            wake(only_step)

    def _forget_old_steps(self) -> None:
        surplus = MOST_STEPS_KEPT // 4
        steps = [entry.number for entry in self._entries if isinstance(entry.event, StepEvent)]
        last = steps[surplus - 1]
        self._entries = [entry for entry in self._entries if entry.number > last or not isinstance(entry.event, StepEvent)]
        self._steps -= surplus


def past_events(status: JobStatus) -> list[JobEvent]:
    """Given a job as its record has it, return the events that tell the same."""
    events: list[JobEvent] = [StartedEvent(attempt=status.attempt)] if status.state.ended and status.attempt else []
    if status.text is not None:
        events.append(TextEvent(text=status.text))
    events.extend(PictureEvent(picture=picture) for picture in status.pictures)
    if status.state.ended:
        events.append(end_event(status))
    return events


def end_event(status: JobStatus) -> JobEvent:
    """Given a job that has ended, return the event that says how."""
    if status.state is JobState.DONE:
        return DoneEvent()
    if status.state is JobState.CANCELLED:
        return CancelledEvent()
    return FailedEvent(error=status.error or JobError(code="unknown", message="the record names no reason"))
