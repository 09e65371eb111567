"""The model that comes with fluxctl, from the shell: the pictures show what was typed."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.support.shell import Shell, recipe_of

from fluxpod import tokens
from fluxpod.embedded.looking import look

FILLER = (
    "I have been walking along the old harbour for most of the morning and thought about nothing in particular, the weather was "
    "mild and the people were friendly, somebody sold bread at the corner and somebody else played a tune that I half remembered "
    "from years ago, which made me think that I should write more letters, and so I sat down on a bench and wrote this one to you, "
    "hoping that it finds you well and happy. "
)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Somebody who has set nothing at all."""
    shell = Shell(tmp_path_factory.mktemp("home"))
    yield shell
    shell.type("down")


def colours_of(path: str) -> set[str]:
    """Return the colours of the figures in a picture."""
    with Image.open(path) as picture:
        return {figure.colour for figure in look(np.asarray(picture.convert("RGB"))).figures}


def test_the_prompt_of_the_demo_gives_what_it_says(embedded: Shell) -> None:
    made = embedded.type("gen", "a red circle on a blue background", "--seed", "1", "--json").document
    with Image.open(made["pictures"][0]["path"]) as picture:
        sight = look(np.asarray(picture.convert("RGB")))
    assert (sight.background, [(figure.colour, figure.shape) for figure in sight.figures]) == ("blue", [("red", "circle")])


def test_it_is_said_once_what_the_model_draws_and_how_to_get_to_the_real_one(embedded: Shell) -> None:
    said = embedded.type("gen", "a red circle on a blue background").err
    assert said.count("coloured shapes") == 1 and "--model FLUX.1-dev" in said


@pytest.mark.parametrize("colour", ["red", "green", "yellow"])
def test_a_colour_named_only_after_the_limit_of_clip_appears(embedded: Shell, colour: str) -> None:
    prompt = f"{FILLER}a {colour} circle on a black background"
    assert tokens.count(FILLER) > tokens.CONTENT_TOKENS
    words = ("gen", prompt, "--seed", "1", "--count", "3")
    assert colour not in recipe_of(embedded.type(*words, "--dry-run", "--json"))["clip_prompt"].split()
    pictures = embedded.type(*words, "--json").document["pictures"]
    shown = [colours_of(picture["path"]) for picture in pictures]
    assert sum(colour in colours for colours in shown) >= 2, json.dumps([sorted(colours) for colours in shown])


def test_pictures_of_prompts_outside_its_words_are_pictures(embedded: Shell, tmp_path: Path) -> None:
    made = embedded.type("gen", "a red fox in snow", "--out", str(tmp_path / "fox.png"), "--json")
    assert made.code == 0
    with Image.open(tmp_path / "fox.png") as picture:
        assert picture.size == (256, 256) and np.asarray(picture).std() > 5
