"""Works out how far a command is, and how long the rest of it takes, over all of its jobs (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.recipe import Recipe
from fluxctl.services.outcome import Made
from fluxpod.protocol import StepEvent


@dataclass(frozen=True)
class Standing:
    """Where a command stands during a step."""

    picture: int
    """Which picture is being made, from 1, of all the command's."""
    pictures: int
    seconds_left: float
    """For everything that is still to be made."""
    cost_usd: float
    """So far."""


def standing(event: StepEvent, job: Sequence[Recipe], every: Sequence[Recipe], made: Sequence[Made], cost_usd: float) -> Standing:
    """Given a step, the recipes of its job and of the whole command, and what is home, return where the command stands.

    The worker tells the seconds for its job; the other jobs are reckoned by what the pictures took so far, else by this step.
    """
    done_work = sum(work(one.recipe) for one in made)
    job_work = sum(work(recipe) for recipe in job[event.index :])
    later_work = max(0.0, sum(work(recipe) for recipe in every) - done_work - job_work)
    seconds_left = event.seconds_left + later_work * _seconds_for_work(event, job[event.index], made, done_work)
    return Standing(len(made) + 1, len(every), seconds_left, cost_usd)


def work(recipe: Recipe) -> float:
    """Return how much there is to do for a picture: pixels times steps, twice with true guidance."""
    return recipe.width * recipe.height * recipe.steps * (1 if recipe.true_cfg is None else 2)


def _seconds_for_work(event: StepEvent, recipe: Recipe, made: Sequence[Made], done_work: float) -> float:
    if done_work:
        return sum(one.result.duration_seconds for one in made) / done_work
    return recipe.steps / event.iterations_per_second / work(recipe) if event.iterations_per_second else 0.0
