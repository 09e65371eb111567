"""How long the whole of a command takes."""

from pathlib import Path

import pytest
from tests.support.pictures import A_PLAN, a_recipe

from fluxctl.services.forecast import standing, work
from fluxctl.services.outcome import Made
from fluxpod.protocol import PictureResult, StepEvent


def step(index: int = 0, seconds_left: float = 3.0) -> StepEvent:
    return StepEvent(index=index, step=1, steps=28, iterations_per_second=14.0, seconds_left=seconds_left)


def made(seed: int, seconds: float) -> Made:
    recipe = a_recipe(seed=seed)
    result = PictureResult(
        index=0, seed=seed, width=32, height=16, steps=28, sha256="", file_sha256="", file_bytes=1, duration_seconds=seconds, plan=A_PLAN
    )
    return Made("job", Path("x.png"), recipe, result)


def test_the_last_job_takes_what_the_worker_says() -> None:
    job = [a_recipe(seed=1)]
    found = standing(step(), job, job, [], 0.5)
    assert (found.picture, found.pictures, found.seconds_left, found.cost_usd) == (1, 1, 3.0, 0.5)


def test_jobs_to_come_are_reckoned_by_this_step_until_a_picture_is_home() -> None:
    every = [a_recipe(seed=seed) for seed in range(4)]
    assert standing(step(), every[:1], every, [], 0.0).seconds_left == pytest.approx(3.0 + 3 * 28 / 14.0)


def test_jobs_to_come_are_reckoned_by_the_pictures_that_are_home() -> None:
    every = [a_recipe(seed=seed) for seed in range(4)]
    found = standing(step(), every[1:2], every, [made(0, 10.0)], 0.0)
    assert found.seconds_left == pytest.approx(3.0 + 2 * 10.0)
    assert found.picture == 2


def test_larger_pictures_more_steps_and_true_guidance_are_more_work() -> None:
    plain = a_recipe()
    assert work(plain.model_copy(update={"true_cfg": 2.0})) == 2 * work(plain)
    assert work(plain.model_copy(update={"width": 64, "steps": 56})) == 4 * work(plain)
