"""Events on their way to one reader: steps together, all else at once."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent

from fluxpod.api.event_stream import follow
from fluxpod.jobs.events import EventLog
from fluxpod.protocol import DoneEvent, StartedEvent, StepEvent

LONG_SECONDS = 3600.0


def _step(number: int) -> StepEvent:
    return StepEvent(index=0, step=number, steps=9, iterations_per_second=1, seconds_left=1)


async def _kinds(stream: AsyncIterator[ServerSentEvent], count: int) -> list[str | None]:
    return [(await anext(stream)).event for _ in range(count)]


def test_a_step_waits_for_the_pause_and_comes_at_once_with_the_next_event_that_is_none() -> None:
    async def talk() -> None:
        log = EventLog("boot", [StartedEvent(attempt=1)])
        stream = follow(log, None, step_pause_seconds=LONG_SECONDS)
        assert await _kinds(stream, 1) == ["started"]
        waiting = asyncio.ensure_future(_kinds(stream, 3))
        log.append(_step(1))
        log.append(_step(2))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        log.append(DoneEvent())
        assert await asyncio.wait_for(waiting, 30) == ["step", "step", "done"]

    asyncio.run(talk())


def test_a_step_after_a_quiet_time_comes_at_once() -> None:
    async def talk() -> None:
        log = EventLog("boot", [StartedEvent(attempt=1)])
        stream = follow(log, None, step_pause_seconds=0.0)
        assert await _kinds(stream, 1) == ["started"]
        log.append(_step(1))
        assert await asyncio.wait_for(_kinds(stream, 1), 30) == ["step"]

    asyncio.run(talk())


def test_a_reader_is_let_go_when_the_worker_ends_and_gets_the_waiting_step_before() -> None:
    async def talk() -> None:
        log = EventLog("boot", [StartedEvent(attempt=1)])
        stream = follow(log, None, step_pause_seconds=LONG_SECONDS)
        await _kinds(stream, 1)
        waiting = asyncio.ensure_future(_all(stream))
        await asyncio.sleep(0)
        log.append(_step(1))
        log.close()
        assert await asyncio.wait_for(waiting, 30) == ["step"]

    asyncio.run(talk())


async def _all(stream: AsyncIterator[ServerSentEvent]) -> list[str | None]:
    return [event.event async for event in stream]
