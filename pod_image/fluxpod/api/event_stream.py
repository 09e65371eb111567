"""Sends a job's events to one reader as server-sent events, as fast as the reader takes them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent

from fluxpod.jobs.events import Entry, EventLog
from fluxpod.protocol import CancelledEvent, DoneEvent, FailedEvent

STEP_PAUSE_SECONDS = 0.1
"""Steps that follow each other faster are sent together: waking a reader for each takes the engine's time on a small machine."""


async def follow(
    events: EventLog, last_event_id: str | None, step_pause_seconds: float = STEP_PAUSE_SECONDS
) -> AsyncIterator[ServerSentEvent]:
    """Given a job's log and the last id that the reader saw, yield what came after it until the job or the worker ends.

    Steps alone are sent every `step_pause_seconds` at most; whatever else happens is sent at once, and the steps before it.
    """
    loop = asyncio.get_running_loop()
    changed, pressing = asyncio.Event(), asyncio.Event()

    def wake(only_step: bool) -> None:
        if only_step and changed.is_set():
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the reader with it
            loop.call_soon_threadsafe(changed.set)
            if not only_step:
                loop.call_soon_threadsafe(pressing.set)

    cursor = events.cursor(last_event_id)
    with events.watched(wake):
        while True:
            changed.clear()
            pressing.clear()
            closed, looked_at = events.closed, loop.time()
            for entry in events.after(cursor):
                yield _encoded(events, entry)
                cursor = cursor._replace(number=entry.number)
                if isinstance(entry.event, DoneEvent | FailedEvent | CancelledEvent):
                    return
            if closed:
                return
            await changed.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(looked_at + step_pause_seconds):
                    await pressing.wait()


def _encoded(events: EventLog, entry: Entry) -> ServerSentEvent:
    return ServerSentEvent(raw_data=entry.event.model_dump_json(), event=entry.event.type, id=events.event_id(entry))
