"""Puts the pictures of one command on a labelled contact sheet, over what differs between them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import NotSavedError, UsageError
from fluxctl.output.plain import one_line
from fluxctl.pictures.contact_sheet import Cell, Sheet, draw_sheet
from fluxctl.pictures.publish import publish
from fluxctl.recipe import Recipe
from fluxctl.services.outcome import Outcome
from fluxctl.services.plan import Plan

MOST_CELLS = 1000
"""On a larger sheet nobody can see a picture."""
_AXES: dict[str, Callable[[Recipe], str]] = {
    "prompt": lambda recipe: one_line(recipe.prompt.typed),
    "guidance": lambda recipe: f"guidance {recipe.guidance:g}",
    "steps": lambda recipe: f"{recipe.steps} steps",
    "seed": lambda recipe: f"seed {recipe.seed}",
}
"""What may differ, and how it is written at a picture; the first ones are better at the side of a sheet."""


def check_grid(recipes: Sequence[Recipe]) -> None:
    """Raise UsageError for a sheet of one picture, and for one of more than can be looked at."""
    if len(recipes) == 1:
        raise UsageError(
            "--grid compares pictures, and this is one", hint="--count 4, --steps 4,8,20, or several prompts", code="grid_of_one"
        )
    if len(recipes) > MOST_CELLS:
        raise UsageError(
            f"a sheet of {len(recipes)} pictures is too large; the most is {MOST_CELLS}", hint="leave out --grid", code="grid_too_large"
        )


def make_grid(plan: Plan, outcome: Outcome, environment: Environment) -> Path:
    """Given a plan that was carried out, save its sheet beside the pictures and return where; raise NotSavedError if it cannot be."""
    paths = {identity: entry.path for identity, entry in plan.remainder.kept.items()}
    paths |= {made.identity: made.path for made in outcome.pictures if made.identity}
    there = [
        (recipe, paths[identity])
        for order in plan.remainder.whole
        for recipe, identity in zip(order.recipes, order.identities, strict=True)
        if identity in paths
    ]
    destination = plan.destination
    folder = destination.folder_at(environment.now())
    sheet_place = replace(destination, suffix=".png", stem=destination.stem and f"{destination.stem}-grid", picture_count=1)
    try:
        content = draw_sheet(arranged(there), with_note=destination.encoding.metadata)
        return publish(content, folder, sheet_place.names(folder, "grid", there[0][0].seed))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        why = f"the contact sheet could not be saved in {folder}: {reason}; its pictures are"
        raise NotSavedError(why, hint="fluxctl history lists them") from error


def arranged(pictures: Sequence[tuple[Recipe, Path]]) -> Sheet:
    """Given pictures with their recipes, return their places and labels.

    Where every combination of what differs is there, the longest of steps, guidance and seeds goes along the top and the rest down the
    side. Otherwise, and where one thing alone differs, the pictures follow each other, each with its own label.
    """
    values = {axis: list(dict.fromkeys(text(recipe) for recipe, _ in pictures)) for axis, text in _AXES.items()}
    varied = [axis for axis in _AXES if len(values[axis]) > 1]
    top = max((axis for axis in varied if axis != "prompt"), key=lambda axis: len(values[axis]), default=None)
    side = [axis for axis in varied if axis != top]
    if top is None or not side or prod(len(values[axis]) for axis in varied) != len(pictures):
        return _in_a_row(pictures, varied)
    rows = list(dict.fromkeys(_label(recipe, side) for recipe, _ in pictures))
    cells = {(rows.index(_label(recipe, side)), values[top].index(_AXES[top](recipe))): Cell(path) for recipe, path in pictures}
    if len(cells) != len(pictures):
        return _in_a_row(pictures, varied)
    return Sheet(cells, tuple(values[top]), tuple(rows))


def _in_a_row(pictures: Sequence[tuple[Recipe, Path]], varied: Sequence[str]) -> Sheet:
    """Return a sheet about as wide as high."""
    columns = next(width for width in range(1, len(pictures) + 1) if width * width >= len(pictures))
    cells = {divmod(place, columns): Cell(path, _label(recipe, varied or ["seed"])) for place, (recipe, path) in enumerate(pictures)}
    return Sheet(cells)


def _label(recipe: Recipe, axes: Sequence[str]) -> str:
    return "\n".join(_AXES[axis](recipe) for axis in axes)
