"""What is held out is decided by colours, shapes and relation alone, and is never drawn for training."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from fluxpod.embedded import captions, drawing, palette, scenes, shapes
from fluxpod.embedded.scenes import Figure, Scene

RED_CIRCLE, BLUE_STAR = Figure("red", "circle"), Figure("blue", "star")


def test_both_views_of_a_relation_are_one_combination():
    left = Scene("white", (RED_CIRCLE, BLUE_STAR), "left of")
    right = Scene("white", (BLUE_STAR, RED_CIRCLE), "right of")
    assert scenes.combination(left) == scenes.combination(right) == "red circle left of blue star"
    assert scenes.combination(Scene("white", (BLUE_STAR, RED_CIRCLE), "left of")) != scenes.combination(left)
    above, below = Scene("white", (RED_CIRCLE, BLUE_STAR), "above"), Scene("white", (BLUE_STAR, RED_CIRCLE), "below")
    assert scenes.combination(above) == scenes.combination(below)


def test_background_and_size_do_not_bring_a_held_out_pair_back():
    random = Random(1)  # noqa: S311
    for _ in range(100):
        scene = scenes.draw_lot(random, figures=2, held=True)
        free = next(colour for colour in palette.NAMES if colour not in {figure.colour for figure in scene.figures})
        resized = tuple(Figure(figure.colour, figure.shape, "large") for figure in scene.figures)
        assert scenes.held_out(Scene(free, resized, scene.relation))


def test_a_held_out_pair_holds_out_the_row_it_stands_in():
    random = Random(2)  # noqa: S311
    pair = next(scene for scene in iter(lambda: scenes.draw_lot(random, figures=2, held=True), None) if scene.relation == "left of")
    third = next(colour for colour in palette.NAMES if colour not in {figure.colour for figure in pair.figures})
    row = Scene("gray", (*pair.figures, Figure(third, "ring")), "left of")
    assert scenes.held_out(row)


def test_about_a_tenth_is_held_out_and_training_gets_none_of_it():
    random = Random(3)  # noqa: S311
    share = sum(scenes.held_out(scenes.draw_lot(random, figures=2)) for _ in range(3000)) / 3000
    assert 0.07 < share < 0.13
    assert not any(scenes.held_out(scenes.draw_lot(random, held=False)) for _ in range(500))
    assert all(scenes.held_out(scenes.draw_lot(random, held=True)) for _ in range(50))


def test_colours_in_a_scene_differ():
    random = Random(4)  # noqa: S311
    for _ in range(300):
        scene = scenes.draw_lot(random)
        assert len({scene.background, *(figure.colour for figure in scene.figures)}) == len(scene.figures) + 1


def test_there_is_enough_to_say():
    assert {"circle", "square", "triangle", "star", "heart", "ring", "cross", "hexagon"} <= set(shapes.NAMES)
    assert len(palette.NAMES) >= 10


def test_a_drawing_is_decided_by_its_seed():
    scene = scenes.draw_lot(Random(5))  # noqa: S311
    first, same, other = (drawing.draw(scene, 96, 64, Random(seed)) for seed in (1, 1, 2))  # noqa: S311
    assert first.shape == (64, 96, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("shape", shapes.NAMES)
def test_edges_are_anti_aliased_and_inside_the_radius(shape: str):
    covered = shapes.mask(shape, 128, 128, 64.3, 63.6, 50)
    assert ((covered > 0.01) & (covered < 0.99)).sum() > 20
    assert covered.max() == 1.0
    ys, xs = np.nonzero(covered > 0.5)
    assert np.hypot(xs + 0.5 - 64.3, ys + 0.5 - 63.6).max() < 50 * 1.32
    assert covered[:2].max() == covered[:, :2].max() == 0.0


def test_captions_have_the_promised_shares():
    random = Random(6)  # noqa: S311
    said = [captions.caption(scenes.draw_lot(random), random) for _ in range(2000)]
    assert 0.07 < sum(not text for text in said) / len(said) < 0.13
    buried = [text for text in said if captions.tokens.count(text) > captions.LONG_FILLER_TOKENS]
    assert 0.14 < len(buried) / len(said) < 0.24


def test_one_scene_is_worded_in_many_ways_and_always_names_its_colours():
    random, scene = Random(7), Scene("green", (RED_CIRCLE, BLUE_STAR), "above")  # noqa: S311
    said = {captions.caption(scene, random, captions.CLEAR) for _ in range(300)}
    assert len(said) > 250
    for text in said:
        for colour in ("green", "red", "blue"):
            assert any(name in text.lower() for name in captions.words.COLOURS[colour]), text


def test_the_plain_wording():
    scene = Scene("white", (Figure("orange", "ring", "small"), BLUE_STAR), "inside")
    assert captions.plain(scene) == "a small orange ring inside a blue star on a white background"


def test_filler_names_no_colour_shape_or_place():
    forbidden = set(palette.NAMES) | set(shapes.NAMES) | {"left", "right", "above", "below", "inside", "background"}
    random = Random(8)  # noqa: S311
    for _ in range(200):
        assert not forbidden & set(captions.filler(random).replace(".", "").replace(",", "").split())
