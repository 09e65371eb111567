"""Flags and lines become wishes: what a line says goes before the flags."""

from fluxctl.prompts.lines import Line
from fluxctl.services.wishes import wishes_for
from fluxctl.wish import Wish


def test_a_prompt_without_a_file_is_one_wish() -> None:
    assert wishes_for(Wish(prompts=("a fox",)), (), (8,), ()) == (Wish(prompts=("a fox",), steps=8),)


def test_several_steps_and_guidances_are_a_wish_each() -> None:
    wishes = wishes_for(Wish(prompts=("a fox",)), (), (4, 8), (1.0, 3.5))
    assert [(wish.guidance, wish.steps) for wish in wishes] == [(1.0, 4), (1.0, 8), (3.5, 4), (3.5, 8)]


def test_a_line_goes_before_the_flags() -> None:
    lines = [Line("p:1", "a fox"), Line("p:2", "a cat", seeds=(9,), size="square", steps=2, out="cat.png")]
    first, second = wishes_for(Wish(seeds=(7,), size="portrait"), lines, (8,), ())
    assert (first.prompts, first.seeds, first.size, first.steps, first.where) == (("a fox",), (7,), "portrait", 8, "p:1")
    assert (second.seeds, second.size, second.steps, second.out, second.where) == ((9,), "square", 2, "cat.png", "p:2")


def test_a_preset_of_a_line_decides_its_steps_and_guidance() -> None:
    (wish,) = wishes_for(Wish(preset="fast"), [Line("p:1", "a fox", preset="quality")], (8,), (1.0,))
    assert (wish.preset, wish.steps, wish.guidance) == ("quality", None, None)


def test_several_seeds_of_a_line_are_not_counted_up() -> None:
    (wish,) = wishes_for(Wish(count=3), [Line("p:1", "a fox", seeds=(1, 5))], (), ())
    assert (wish.seeds, wish.count) == ((1, 5), None)
