"""Decides what a picture shows: one to three shapes on a background, and which combinations training never sees."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from random import Random

from fluxpod.embedded import palette, shapes

SIZES = ("small", "", "large")
RELATIONS = ("left of", "right of", "above", "below", "inside")
MIRRORED = {"right of": "left of", "below": "above"}
HELD_OUT_SHARE = 0.1


@dataclass(frozen=True)
class Figure:
    """One shape: its colour, its kind and `small`, `large` or nothing said."""

    colour: str
    shape: str
    size: str = ""


@dataclass(frozen=True)
class Scene:
    """Figures on a background; the relation holds between each figure and the next one (empty for a single figure)."""

    background: str
    figures: tuple[Figure, ...]
    relation: str = ""


def combination(scene: Scene) -> str:
    """What the hold-out is decided by: colour and shape of each figure and the relation, written one way for both views of it.

    A single figure stands with its background instead of a relation.
    """
    names = [f"{figure.colour} {figure.shape}" for figure in scene.figures]
    if len(names) == 1:
        return f"{names[0]} on {scene.background}"
    relation = scene.relation
    if relation in MIRRORED:
        relation = MIRRORED[relation]
        names.reverse()
    return f" {relation} ".join(names)


def held_out(scene: Scene) -> bool:
    """Whether training must never see this scene, nor any pair of neighbours in it, under any background, size or wording."""
    pairs = [scene.figures[start : start + 2] for start in range(max(1, len(scene.figures) - 1))]
    return any(_hash_says_held_out(combination(Scene(scene.background, pair, scene.relation))) for pair in pairs)


def draw_lot(random: Random, figures: int | None = None, held: bool | None = None) -> Scene:
    """A random scene; `figures` fixes how many (else 45, 45, 10 % for 1, 2, 3), `held` asks for held-out scenes or for none of them."""
    while True:
        scene = _any_scene(random, figures or random.choices((1, 2, 3), (45, 45, 10))[0])
        if held is None or held_out(scene) == held:
            return scene


def _any_scene(random: Random, figures: int) -> Scene:
    background, *colours = random.sample(palette.NAMES, figures + 1)
    relation = "" if figures == 1 else random.choice(RELATIONS[: 5 if figures == 2 else 4])
    sized = figures < 3 and relation != "inside"
    chosen = [Figure(colour, random.choice(shapes.NAMES), random.choice(SIZES) if sized else "") for colour in colours]
    return Scene(background, tuple(chosen), relation)


def _hash_says_held_out(text: str) -> bool:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) < HELD_OUT_SHARE * 2**32
