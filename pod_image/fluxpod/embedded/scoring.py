"""Judges whether a picture shows what its scene says."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from fluxpod.embedded.drawing import Picture
from fluxpod.embedded.looking import Seen, look
from fluxpod.embedded.scenes import Scene


@dataclass(frozen=True)
class Verdict:
    """Which parts of a scene a picture shows; `figures` says for each figure whether its colour and shape are there."""

    background: bool
    figures: tuple[bool, ...]
    relation: bool
    nothing_else: bool

    @property
    def subject(self) -> bool:
        """Every figure with its colour and shape, in its relation, and no other figure: all but the background."""
        return all(self.figures) and self.relation and self.nothing_else

    @property
    def whole(self) -> bool:
        """The subject on its background."""
        return self.subject and self.background


def score(picture: Picture, scene: Scene) -> Verdict:
    """Compare what `look` reads out of `picture` with `scene`; a single figure has no relation to miss."""
    sight = look(picture)
    chosen: list[Seen | None] = []
    for figure in scene.figures:
        fitting = [seen for seen in sight.figures if (seen.colour, seen.shape) == (figure.colour, figure.shape)]
        chosen.append(max(fitting, key=lambda seen: seen.likeness) if fitting else None)
    pairs = pairwise(chosen)
    related = all(first and second and _holds(scene.relation, first, second) for first, second in pairs)
    return Verdict(
        background=sight.background == scene.background,
        figures=tuple(seen is not None for seen in chosen),
        relation=related,
        nothing_else=len(sight.figures) <= len(scene.figures),
    )


def _holds(relation: str, first: Seen, second: Seen) -> bool:
    """Whether `first` stands to `second` as `relation` says: clearly to one side, or its box within the other's."""
    across, down = second.centre[0] - first.centre[0], second.centre[1] - first.centre[1]
    clear = min(first.diameter, second.diameter) / 2
    if relation == "left of":
        return across > max(clear, abs(down))
    if relation == "right of":
        return -across > max(clear, abs(down))
    if relation == "above":
        return down > max(clear, abs(across))
    if relation == "below":
        return -down > max(clear, abs(across))
    left, top, right, bottom = first.box
    return second.box[0] < left and second.box[1] < top and second.box[2] > right and second.box[3] > bottom
