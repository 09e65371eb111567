"""Iterations per second and seconds left."""

import pytest

from fluxpod.engine.pace import Pace


def test_before_the_first_step_nothing_is_claimed() -> None:
    pace = Pace(pictures=2, steps=10, now=5.0)
    assert (pace.iterations_per_second, pace.seconds_left) == (0.0, 0.0)


def test_rate_and_rest_follow_the_steps() -> None:
    pace = Pace(pictures=1, steps=4, now=0.0)
    pace.picture_begins(0.0)
    pace.steps_begin(10.0)
    pace.step_done(1, 12.0)
    assert pace.iterations_per_second == pytest.approx(0.5)
    assert pace.seconds_left == pytest.approx(3 * 2.0 + 2.0)  # three steps, and decoding taken for one


def test_what_a_picture_takes_besides_its_steps_is_measured() -> None:
    pace = Pace(pictures=3, steps=2, now=0.0)
    pace.picture_begins(0.0)
    pace.steps_begin(0.0)
    pace.step_done(1, 1.0)
    pace.step_done(2, 2.0)
    pace.picture_done(7.0)
    pace.picture_begins(7.0)
    pace.steps_begin(7.0)
    pace.step_done(1, 8.0)
    assert pace.seconds_left == pytest.approx((1.0 + 5.0) + (2.0 + 5.0))
    pace.step_done(2, 9.0)
    pace.picture_done(14.0)
    pace.picture_begins(14.0)
    pace.step_done(1, 15.0)
    pace.step_done(2, 16.0)
    assert pace.seconds_left == pytest.approx(5.0)


def test_the_rate_is_that_of_the_latest_steps() -> None:
    pace = Pace(pictures=1, steps=100, now=0.0)
    pace.steps_begin(0.0)
    for step in range(1, 31):
        pace.step_done(step, float(step) * 10)
    for step in range(31, 61):
        pace.step_done(step, 300.0 + (step - 30))
    assert pace.iterations_per_second == pytest.approx(1.0)


def test_seconds_left_never_goes_below_zero_on_a_clock_that_stands() -> None:
    pace = Pace(pictures=1, steps=1, now=1.0)
    pace.step_done(1, 1.0)
    assert (pace.iterations_per_second, pace.seconds_left) == (0.0, 0.0)
