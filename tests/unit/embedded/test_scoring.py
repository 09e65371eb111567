"""The judge accepts what the generator draws and refuses every kind of wrong picture."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from fluxpod.embedded import drawing, palette, scenes, shapes
from fluxpod.embedded.looking import look
from fluxpod.embedded.scenes import Figure, Scene
from fluxpod.embedded.scoring import Verdict, score

ALONE = Scene("white", (Figure("red", "star"),))
PAIR = Scene("green", (Figure("red", "circle"), Figure("blue", "square")), "left of")
NESTED = Scene("gray", (Figure("yellow", "heart"), Figure("purple", "ring")), "inside")
ROW = Scene("black", (Figure("red", "circle"), Figure("white", "cross"), Figure("cyan", "hexagon")), "above")


def drawn(scene: Scene, width: int = 256, height: int = 256, seed: int = 0) -> drawing.Picture:
    return drawing.draw(scene, width, height, Random(seed))  # noqa: S311


def judged(shown: Scene, asked: Scene) -> Verdict:
    return score(drawn(shown), asked)


@pytest.mark.parametrize(("width", "height"), [(256, 256), (128, 128), (336, 192), (192, 336), (512, 512)])
def test_drawn_scenes_are_right(width: int, height: int):
    random = Random(width * height)  # noqa: S311
    for _ in range(25):
        scene = scenes.draw_lot(random)
        assert score(drawing.draw(scene, width, height, random), scene).whole, scene


@pytest.mark.parametrize("outer", shapes.NAMES)
@pytest.mark.parametrize("inner", shapes.NAMES)
def test_every_shape_is_read_inside_every_other(inner: str, outer: str):
    scene = Scene("brown", (Figure("pink", inner), Figure("blue", outer)), "inside")
    assert score(drawn(scene), scene).whole


@pytest.mark.parametrize("colour", palette.NAMES)
def test_every_colour_is_read_on_every_background(colour: str):
    for background in palette.NAMES:
        if background != colour:
            sight = look(drawn(Scene(background, (Figure(colour, "hexagon"),)), 128, 128))
            assert (sight.background, [seen.colour for seen in sight.figures]) == (background, [colour])


@pytest.mark.parametrize("shape", shapes.NAMES)
def test_a_wrong_shape_is_refused(shape: str):
    for asked in shapes.NAMES:
        verdict = judged(Scene("white", (Figure("red", shape),)), Scene("white", (Figure("red", asked),)))
        assert verdict.subject == (asked == shape)
        assert verdict.background


def test_a_wrong_colour_is_refused():
    verdict = judged(Scene("white", (Figure("orange", "star"),)), ALONE)
    assert verdict == Verdict(background=True, figures=(False,), relation=True, nothing_else=True)


def test_a_wrong_background_is_refused():
    verdict = judged(Scene("gray", ALONE.figures), ALONE)
    assert verdict == Verdict(background=False, figures=(True,), relation=True, nothing_else=True)
    assert verdict.subject
    assert not verdict.whole


@pytest.mark.parametrize("relation", ["right of", "above", "below", "inside"])
def test_a_wrong_side_is_refused(relation: str):
    verdict = judged(Scene(PAIR.background, PAIR.figures, relation), PAIR)
    assert all(verdict.figures)
    assert not verdict.relation
    assert not verdict.subject


def test_swapped_colours_are_refused():
    swapped = Scene("green", (Figure("blue", "circle"), Figure("red", "square")), "left of")
    assert judged(swapped, PAIR).figures == (False, False)


def test_figures_side_by_side_are_not_inside():
    assert not judged(Scene(NESTED.background, NESTED.figures, "left of"), NESTED).relation


def test_a_missing_figure_is_refused():
    assert judged(Scene("green", PAIR.figures[:1]), PAIR).figures == (True, False)


def test_a_figure_too_many_is_refused():
    verdict = judged(PAIR, Scene(PAIR.background, PAIR.figures[:1]))
    assert not verdict.nothing_else
    assert not verdict.subject


def test_a_row_in_a_wrong_order_is_refused():
    mixed = Scene(ROW.background, (ROW.figures[1], ROW.figures[0], ROW.figures[2]), ROW.relation)
    assert judged(ROW, ROW).whole
    assert not judged(mixed, ROW).relation


@pytest.mark.parametrize("scene", [ALONE, PAIR, NESTED, ROW])
def test_noise_is_refused(scene: Scene):
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    verdict = score(noise, scene)
    assert not verdict.background
    assert not any(verdict.figures)


@pytest.mark.parametrize("scene", [ALONE, PAIR, NESTED, ROW])
def test_a_blank_picture_shows_only_its_background(scene: Scene):
    blank = np.broadcast_to(np.array(palette.COLOURS[scene.background], dtype=np.uint8), (256, 256, 3))
    verdict = score(blank, scene)
    assert verdict.background
    assert not any(verdict.figures)
    assert not verdict.subject


def test_half_a_picture_is_refused():
    halved = drawn(PAIR).copy()
    halved[:, 128:] = 128
    assert not score(halved, PAIR).whole
    halved = drawn(ALONE).copy()
    halved[:128] = 246
    assert not score(halved, ALONE).subject


def test_a_little_noise_and_blur_do_no_harm():
    random = np.random.default_rng(1)
    for scene in (ALONE, PAIR, NESTED, ROW):
        picture = drawn(scene).astype(np.float64)
        blurred = sum(np.roll(picture, (x, y), (0, 1)) for x in (-1, 0, 1) for y in (-1, 0, 1)) / 9
        spoiled = np.clip(blurred + random.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
        assert score(spoiled, scene).whole, scene
