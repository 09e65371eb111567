"""Chooses the held-out prompts that a model is judged by: the same ones each time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from fluxpod.embedded import captions, scenes
from fluxpod.embedded.scenes import Scene

WORDING = captions.Wording(empty=0.0, nonsense=0.0, unknown_shape=0.0)
"""As in training, a fifth behind more filler than CLIP reads, but always with something to show."""


@dataclass(frozen=True)
class Asked:
    """One prompt, the scene that it describes and the seed that its picture starts from."""

    prompt: str
    scene: Scene
    seed: int


def held_out_prompts(count: int, figures: tuple[int, ...] = (1, 2), wording: captions.Wording = WORDING) -> list[Asked]:
    """`count` prompts for scenes that training never saw; their numbers of figures take turns. A longer list starts like a shorter one."""
    asked: list[Asked] = []
    for number in range(count):
        random = Random(f"held-out prompt {number}")
        scene = scenes.draw_lot(random, figures=figures[number % len(figures)], held=True)
        asked.append(Asked(captions.caption(scene, random, wording), scene, number))
    return asked
