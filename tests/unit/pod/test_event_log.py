"""Events of one job and readers that resume."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from fluxpod.jobs.events import MOST_STEPS_KEPT, Cursor, EventLog
from fluxpod.protocol import DoneEvent, EnginePlan, JobEvent, PictureEvent, PictureResult, QueuedEvent, StartedEvent, StepEvent


def _step(number: int) -> StepEvent:
    return StepEvent(index=0, step=number, steps=9, iterations_per_second=1, seconds_left=1)


def _picture(index: int) -> PictureEvent:
    plan = EnginePlan(device="d", precision="p", versions={})
    result = PictureResult(
        index=index, seed=1, width=64, height=64, steps=1, sha256="", file_sha256="", file_bytes=1, duration_seconds=1, plan=plan
    )
    return PictureEvent(picture=result)


STORY: list[JobEvent] = [QueuedEvent(position=0), StartedEvent(attempt=1), _step(1), _picture(0), _step(1), _picture(1), DoneEvent()]


@given(st.integers(0, len(STORY)))
def test_a_reader_that_resumes_anywhere_gets_exactly_the_rest(seen: int) -> None:
    log = EventLog("boot", STORY)
    entries = log.after(Cursor())
    cursor = log.cursor(log.event_id(entries[seen - 1]) if seen else None)
    assert [entry.event for entry in log.after(cursor)] == STORY[seen:]


def test_after_another_life_only_pictures_that_were_seen_are_left_out() -> None:
    before = EventLog("before", STORY)
    seen = before.event_id(before.after(Cursor())[4])
    log = EventLog("after", [_picture(0), _picture(1), QueuedEvent(position=0)])
    assert [entry.event for entry in log.after(log.cursor(seen))] == [_picture(1), QueuedEvent(position=0)]


def test_an_id_that_is_none_of_ours_reads_from_the_start() -> None:
    log = EventLog("boot", STORY)
    for odd in ("", "x", "boot", "boot-", "boot-1", "boot--1-0", "boot-x-y", "boot-²-1", None):
        assert len(log.after(log.cursor(odd))) == len(STORY)


def test_only_the_newest_position_is_kept() -> None:
    log = EventLog("boot", [QueuedEvent(position=2), QueuedEvent(position=1)])
    assert [(entry.number, entry.event) for entry in log.after(Cursor())] == [(2, QueuedEvent(position=1))]


def test_old_steps_are_forgotten_and_nothing_else() -> None:
    log = EventLog("boot", [StartedEvent(attempt=1), _picture(0)])
    for number in range(MOST_STEPS_KEPT * 3):
        log.append(_step(number))
    kept = [entry.event for entry in log.after(Cursor())]
    assert kept[:2] == [StartedEvent(attempt=1), _picture(0)]
    assert MOST_STEPS_KEPT // 2 < len(kept) <= MOST_STEPS_KEPT + 2
    assert kept[-1] == _step(MOST_STEPS_KEPT * 3 - 1)


def test_a_watcher_is_woken_from_another_thread_and_not_after_it_left() -> None:
    log = EventLog("boot")
    woken = threading.Event()
    with log.watched(lambda _only_step: woken.set()):
        writer = threading.Thread(target=log.append, args=(_step(1),))
        writer.start()
        assert woken.wait(10)
        writer.join()
    woken.clear()
    log.append(_step(2))
    assert not woken.is_set()
