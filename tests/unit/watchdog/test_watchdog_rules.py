"""When a pod ends, judged by the pure rules alone."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxpod.pod_contract import Limits
from fluxpod.watchdog import Facts, Memory, Reason, next_end, observe, used

LIMITS = Limits()
FAR = 1e9


def facts(**changes: object) -> Facts:
    plain: dict[str, object] = {"phase": "ready", "activity_seen": 1, "busy": False, "progress": 10}
    return Facts(**{**plain, **changes})  # type: ignore[arg-type]


def seen(*looks: tuple[float, Facts | None]) -> Memory:
    memory = Memory(moved_at=0.0)
    for now, said in looks:
        memory = observe(memory, said, now)
    return memory


def end_of(memory: Memory, now: float, lifetime_ends_at: float = FAR) -> tuple[Reason, float]:
    end = next_end(memory, LIMITS, lifetime_ends_at, now)
    return end.reason, end.at


def test_a_worker_that_never_answers_ends_after_the_boot_grace() -> None:
    assert end_of(seen((900.0, None)), 900.0) == (Reason.BOOT, 1800.0)


def test_progress_of_loading_moves_the_boot_grace() -> None:
    memory = seen((10.0, facts(phase="downloading", progress=1)), (1000.0, facts(phase="downloading", progress=2)))
    assert end_of(memory, 1000.0) == (Reason.BOOT, 2800.0)


def test_a_new_phase_is_progress_and_the_same_phase_is_none() -> None:
    loading = seen((10.0, facts(phase="downloading")), (500.0, facts(phase="loading")), (900.0, facts(phase="loading")))
    assert end_of(loading, 900.0) == (Reason.BOOT, 2300.0)


def test_before_the_worker_is_ready_neither_keep_nor_jobs_move_its_end() -> None:
    waiting = facts(phase="loading", busy=True, activity_seen=9, keep_seconds_left=9000)
    assert end_of(seen((10.0, facts(phase="loading")), (1000.0, waiting)), 1000.0) == (Reason.BOOT, 1810.0)


def test_idle_time_counts_from_the_moment_the_worker_is_ready() -> None:
    memory = seen((10.0, facts(phase="loading")), (1700.0, facts()))
    assert end_of(memory, 1700.0) == (Reason.IDLE, 2300.0)


def test_reading_never_moves_the_idle_clock() -> None:
    memory = seen(*((float(now), facts()) for now in range(0, 590, 5)))
    assert end_of(memory, 590.0) == (Reason.IDLE, 600.0)


def test_a_new_job_counts_as_use_even_when_it_came_and_went_between_two_looks() -> None:
    memory = seen((0.0, facts()), (300.0, facts(activity_seen=2, progress=40)))
    assert end_of(memory, 300.0) == (Reason.IDLE, 900.0)


def test_a_job_that_moves_keeps_the_clock_still() -> None:
    memory = seen(*((float(now), facts(busy=True, progress=now)) for now in range(0, 20000, 100)))
    end = next_end(memory, LIMITS, FAR, 19900.0)
    assert (end.reason, end.at, end.in_use) == (Reason.IDLE, 19900.0 + 600.0, True)


def test_the_last_step_of_a_job_counts_although_it_is_over_when_seen() -> None:
    memory = seen((0.0, facts(busy=True)), (100.0, facts(busy=True, progress=11)), (200.0, facts(progress=12)))
    assert end_of(memory, 200.0) == (Reason.IDLE, 800.0)


def test_stalled_work_counts_from_its_last_movement() -> None:
    memory = seen(*((float(now), facts(busy=True)) for now in range(0, 500, 5)))
    assert end_of(memory, 495.0) == (Reason.IDLE, 600.0)


def test_work_may_stand_still_for_the_stall_timeout_even_when_the_idle_timeout_is_shorter() -> None:
    impatient = Limits(idle_timeout_seconds=20.0)
    memory = seen(*((float(now), facts(busy=True)) for now in range(0, 299, 5)))
    assert next_end(memory, impatient, FAR, 295.0).at == 300.0
    idle = seen(*((float(now), facts()) for now in range(0, 15, 5)))
    assert next_end(idle, impatient, FAR, 15.0).at == 20.0


def test_a_silent_worker_no_longer_counts_as_used() -> None:
    impatient = Limits(idle_timeout_seconds=20.0)
    memory = seen((0.0, facts(busy=True)), (5.0, facts(busy=True, progress=11)), (10.0, None), (60.0, None))
    assert next_end(memory, impatient, FAR, 60.0).at == 65.0


def test_keep_moves_the_idle_deadline_and_at_most_four_hours() -> None:
    memory = seen(*((float(now), facts(keep_seconds_left=1e7)) for now in range(0, 7200, 5)))
    assert next_end(memory, LIMITS, FAR, 7195.0).in_use
    assert memory.keep_until == 7195.0 + 14400.0


def test_keep_moves_neither_the_lifetime_nor_the_end_of_a_silent_worker() -> None:
    kept = seen((0.0, facts(keep_seconds_left=9000)))
    assert end_of(kept, 0.0, lifetime_ends_at=50.0) == (Reason.LIFETIME, 50.0)
    assert end_of(observe(kept, None, 700.0), 700.0) == (Reason.IDLE, 600.0)


def test_a_restarted_worker_with_smaller_counters_was_not_used() -> None:
    memory = seen((0.0, facts(activity_seen=7, progress=90)), (300.0, facts(activity_seen=0, progress=0)))
    assert end_of(memory, 300.0) == (Reason.IDLE, 600.0)
    assert end_of(observe(memory, facts(activity_seen=1, progress=0), 400.0), 400.0) == (Reason.IDLE, 1000.0)


def test_a_conflict_at_the_drain_counts_as_use() -> None:
    assert end_of(used(seen((0.0, facts())), 601.0), 601.0) == (Reason.IDLE, 1201.0)


def test_a_worker_whose_process_is_gone_is_watched_for_the_silence_timeout() -> None:
    memory = observe(seen((0.0, facts())), None, 10.0, present=False)
    assert end_of(observe(memory, None, 40.0, present=False), 40.0) == (Reason.GONE, 70.0)
    assert end_of(observe(memory, facts(), 40.0), 40.0) == (Reason.IDLE, 600.0)


def test_a_process_that_was_never_seen_is_not_gone() -> None:
    assert end_of(observe(Memory(moved_at=0.0), None, 10.0, present=False), 10.0) == (Reason.BOOT, 1800.0)


def test_a_watchdog_that_starts_beside_a_draining_worker_counts_idle_time() -> None:
    assert end_of(seen((0.0, facts(phase="draining"))), 0.0) == (Reason.IDLE, 600.0)


some_facts = st.builds(
    Facts,
    phase=st.sampled_from(["booting", "downloading", "loading", "warming", "ready", "draining", "failed", "?"]),
    activity_seen=st.integers(0, 50),
    busy=st.booleans(),
    progress=st.integers(0, 1000),
    keep_seconds_left=st.floats(0, 1e6),
)
looks = st.lists(st.tuples(st.floats(0.01, 900), st.none() | some_facts, st.booleans()), max_size=30)


@given(looks, st.floats(1, 1e5))
def test_whatever_a_worker_says_its_lifetime_is_the_latest_end(steps: list[tuple[float, Facts | None, bool]], lifetime: float) -> None:
    memory, now = Memory(moved_at=0.0), 0.0
    for pause, said, present in steps:
        now += pause
        memory = observe(memory, said, now, present=present)
        assert next_end(memory, LIMITS, lifetime, now).at <= lifetime


@given(looks)
def test_an_end_is_never_further_away_than_the_limits_allow(steps: list[tuple[float, Facts | None, bool]]) -> None:
    memory, now = Memory(moved_at=0.0), 0.0
    furthest = max(LIMITS.boot_grace_seconds, LIMITS.idle_timeout_seconds, LIMITS.stall_timeout_seconds)
    for pause, said, present in steps:
        now += pause
        memory = observe(memory, said, now, present=present)
        end = next_end(memory, LIMITS, math.inf, now)
        assert end.at <= now + furthest


@given(looks, some_facts, st.floats(0.01, 5))
def test_an_answer_that_says_nothing_new_of_an_idle_worker_moves_nothing(
    steps: list[tuple[float, Facts | None, bool]], last: Facts, pause: float
) -> None:
    memory, now = Memory(moved_at=0.0), 0.0
    for gap, said, _present in steps:
        now += gap
        memory = observe(memory, said, now)
    quiet = Facts(last.phase, last.activity_seen, busy=False, progress=last.progress)
    memory = observe(memory, quiet, now)
    before = memory.moved_at
    assert observe(memory, quiet, now + pause).moved_at == before


@pytest.mark.parametrize("field", ["idle_timeout_seconds", "boot_grace_seconds"])
def test_each_limit_is_obeyed_as_it_is_set(field: str) -> None:
    limits = Limits(**{field: 7.0})
    memory = seen((0.0, facts(phase="ready" if field.startswith("idle") else "loading")))
    assert next_end(memory, limits, FAR, 0.0).at == 7.0


def test_a_worker_that_dies_in_a_loop_while_booting_makes_no_progress_for_long() -> None:
    memory = Memory(moved_at=0.0)
    for second in range(0, 400, 2):
        memory = observe(memory, Facts("booting" if second % 4 else "loading", 0, False, 0 if second % 4 else 5), float(second))
    assert not memory.ready
    assert memory.moved_at < 30


def test_a_worker_that_was_restarted_once_while_booting_still_makes_progress() -> None:
    memory = observe(Memory(moved_at=0.0), Facts("loading", 0, False, 9), 1.0)
    memory = observe(memory, Facts("booting", 0, False, 0), 5.0)
    memory = observe(memory, Facts("loading", 0, False, 1), 500.0)
    assert memory.moved_at == 500.0
