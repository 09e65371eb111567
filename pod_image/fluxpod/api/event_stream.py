"""Sends a job's events to one reader as server-sent events, as fast as the reader takes them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent

from fluxpod.jobs.events import Entry, EventLog
from fluxpod.protocol import CancelledEvent, DoneEvent, FailedEvent


async def follow(events: EventLog, last_event_id: str | None) -> AsyncIterator[ServerSentEvent]:
    """Given a job's log and the last id that the reader saw, yield what came after it until the job or the worker ends."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the reader with it
            loop.call_soon_threadsafe(changed.set)

    cursor = events.cursor(last_event_id)
    with events.watched(wake):
        while True:
            changed.clear()
            closed = events.closed
            for entry in events.after(cursor):
                yield _encoded(events, entry)
                cursor = cursor._replace(number=entry.number)
                if isinstance(entry.event, DoneEvent | FailedEvent | CancelledEvent):
                    return
            if closed:
                return
            await changed.wait()


def _encoded(events: EventLog, entry: Entry) -> ServerSentEvent:
    return ServerSentEvent(raw_data=entry.event.model_dump_json(), event=entry.event.type, id=events.event_id(entry))
