"""The watchdog's real loop on a virtual clock, beside a played worker."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.simulation import SILENCE_SECONDS, World

from fluxpod.pod_contract import Limits
from fluxpod.small_http import Answer
from fluxpod.watchdog_loop import poll_seconds, read_facts

LIMITS = Limits()
POLL = poll_seconds(LIMITS)
HOUR = 3600.0


def ready_world(**changes: Any) -> World:
    return World(phase="ready", **changes)


def a_moving_job(world: World, begin: float, end: float, every: float) -> None:
    """Put a job that makes a step every so many seconds."""
    world.at(begin, world.put)
    moment = begin + every
    while moment < end:
        world.at(moment, world.move)
        moment += every
    world.at(end, world.finish)


def test_an_unused_worker_ends_after_the_idle_timeout() -> None:
    ended = ready_world().watch(LIMITS, HOUR)
    assert ended is not None
    assert 600 <= ended <= 600 + POLL


def test_a_job_longer_than_the_idle_timeout_is_finished_first() -> None:
    world = ready_world()
    a_moving_job(world, 100, 7100, every=50)
    ended = world.watch(LIMITS, 3 * HOUR)
    assert ended is not None
    assert 7700 <= ended <= 7700 + 2 * POLL


def test_a_job_that_moves_ends_with_the_lifetime_after_its_picture() -> None:
    world = ready_world()
    a_moving_job(world, 0, 28830, every=10)
    ended = world.watch(LIMITS, 10 * HOUR)
    assert ended is not None
    assert 28830 <= ended <= 28830 + POLL
    assert any("lifetime" in line for line in world.lines)


def test_a_picture_that_does_not_finish_is_ended_after_the_drain_time() -> None:
    world = ready_world()
    a_moving_job(world, 0, 40000, every=10)
    ended = world.watch(LIMITS, 12 * HOUR)
    assert ended is not None
    assert 28920 <= ended <= 28920 + POLL


def test_stalled_work_ends() -> None:
    world = ready_world()
    a_moving_job(world, 10, 200, every=50)
    world.at(220, world.put)
    ended = world.watch(LIMITS, HOUR)
    assert ended is not None
    assert 820 <= ended <= 820 + LIMITS.drain_seconds + 2 * POLL


def test_a_silent_worker_ends_without_being_waited_for() -> None:
    world = ready_world()
    a_moving_job(world, 10, 5000, every=5)
    world.at(300, world.become(answers=False))
    ended = world.watch(LIMITS, 2 * HOUR)
    assert ended is not None
    assert 895 <= ended <= 900 + 2 * POLL + SILENCE_SECONDS


def test_a_worker_that_never_becomes_ready_ends_after_the_boot_grace() -> None:
    world = World()
    for second in range(0, 5000, 700):
        world.at(second, world.move)
    ended = world.watch(LIMITS, 4 * HOUR)
    assert ended is not None
    assert 4900 + 1800 <= ended <= 4900 + 1800 + POLL


def test_a_worker_that_never_appears_ends_after_the_boot_grace() -> None:
    world = World(present=False)
    ended = world.watch(LIMITS, HOUR)
    assert ended is not None
    assert 1800 <= ended <= 1800 + POLL


def test_a_job_put_just_before_the_end_keeps_the_pod_alive() -> None:
    world = ready_world()

    def put_once() -> None:
        world.on_drain = None
        world.put()
        world.at(world.now - 1000 + 30, world.finish)

    world.on_drain = put_once
    ended = world.watch(LIMITS, HOUR)
    assert ended is not None
    assert 1230 <= ended <= 1230 + 3 * POLL
    assert any("lives on" in line for line in world.lines)


def test_keep_holds_an_unused_worker() -> None:
    world = ready_world(kept_until=1000.0 + 3000)
    ended = world.watch(LIMITS, 2 * HOUR)
    assert ended is not None
    assert 3000 <= ended <= 3000 + POLL


def test_keep_never_holds_beyond_the_lifetime() -> None:
    world = ready_world(kept_until=1e9)
    ended = world.watch(LIMITS, 12 * HOUR)
    assert ended is not None
    assert 28800 <= ended <= 28800 + POLL


def test_ending_is_tried_for_ever_with_pauses_of_at_most_thirty_seconds() -> None:
    world = ready_world(refuses_to_end=50)
    assert world.watch(LIMITS, 2 * HOUR) is not None
    pauses = [later - earlier for earlier, later in zip(world.end_tries, world.end_tries[1:], strict=False)]
    assert len(pauses) == 50
    assert pauses[:6] == [1, 2, 4, 8, 16, 30]
    assert max(pauses) == 30


def test_a_failure_while_looking_ends_nothing_and_stops_nothing() -> None:
    world = ready_world()
    calls = iter(range(10_000))
    answer = world.ask

    def fragile(method: str, route: str, body: Any) -> Answer | None:
        if next(calls) % 3 == 1:
            raise MemoryError("no memory left")
        return answer(method, route, body)

    world.ask = fragile  # type: ignore[method-assign]
    ended = world.watch(LIMITS, HOUR)
    assert ended is not None
    assert 600 <= ended <= 600 + 3 * POLL


def test_the_watch_is_over_soon_after_the_process_has_gone() -> None:
    world = ready_world()
    world.at(100, world.become(present=False))
    ended = world.watch(LIMITS, HOUR)
    assert ended is not None
    assert 160 <= ended <= 160 + 2 * POLL


def test_the_end_is_announced_once_in_the_log() -> None:
    world = ready_world()
    world.watch(LIMITS, HOUR)
    warnings = [line for line in world.lines if line.startswith("warning")]
    assert len(warnings) == 1
    assert "no use for" in warnings[0]


def test_the_next_end_is_published_while_the_pod_lives() -> None:
    world = ready_world()
    world.watch(LIMITS, 100)
    assert {(end.reason, round(end.at)) for end in world.published} == {("idle", 1600)}


@pytest.mark.parametrize(
    ("limits", "seconds"),
    [(LIMITS, 5.0), (Limits(idle_timeout_seconds=2.0), 0.4), (Limits(silence_timeout_seconds=0.001), 0.05)],
)
def test_the_worker_is_asked_more_often_when_a_limit_is_short(limits: Limits, seconds: float) -> None:
    assert poll_seconds(limits) == seconds


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "ready",
        {},
        {"phase": "ready", "activity_seen": "many", "busy": False, "progress": 1},
        {"phase": "ready", "activity_seen": 1, "busy": False, "progress": None},
        {"phase": "ready", "activity_seen": 1, "busy": False, "progress": float("inf")},
        {"phase": "ready", "activity_seen": 1, "busy": False, "progress": 1, "keep_seconds_left": float("nan")},
    ],
)
def test_an_answer_that_makes_no_sense_is_silence(body: Any) -> None:
    assert read_facts(Answer(200, body)) is None


def test_a_refusal_is_silence() -> None:
    good = {"phase": "ready", "activity_seen": 1, "busy": False, "progress": 1}
    assert read_facts(Answer(401, good)) is None
    assert read_facts(Answer(200, good)) is not None


small = Limits(
    idle_timeout_seconds=60,
    boot_grace_seconds=90,
    lifetime_seconds=1500,
    drain_seconds=20,
    stall_timeout_seconds=40,
    silence_timeout_seconds=15,
)
jobs = st.lists(st.tuples(st.floats(0, 40), st.floats(1, 200), st.floats(0.5, 30)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(jobs)
def test_a_pod_is_ended_after_its_last_use_and_never_in_the_middle_of_one(planned: list[tuple[float, float, float]]) -> None:
    world, moment = ready_world(), 0.0
    for gap, length, every in planned:
        a_moving_job(world, moment + gap, moment + gap + length, every)
        moment += gap + length
    ended = world.watch(small, 4000)
    assert ended is not None
    due = min(moment + small.idle_timeout_seconds, small.lifetime_seconds)
    slack = 2 * poll_seconds(small) + 1
    assert due - 0.1 <= ended <= due + small.drain_seconds + slack


@settings(max_examples=60, deadline=None)
@given(jobs, st.floats(0, 300), st.sampled_from(["answers", "present"]))
def test_a_worker_that_falls_silent_or_dies_is_ended_in_time(planned: list[tuple[float, float, float]], when: float, what: str) -> None:
    world, moment = ready_world(), 0.0
    for gap, length, every in planned:
        a_moving_job(world, moment + gap, moment + gap + length, every)
        moment += gap + length
    world.at(when, world.become(**{what: False}))
    ended = world.watch(small, 4000)
    assert ended is not None
    latest = min(when, moment) + small.idle_timeout_seconds + small.drain_seconds + small.silence_timeout_seconds
    assert ended <= latest + 2 * poll_seconds(small) + 2 * SILENCE_SECONDS
