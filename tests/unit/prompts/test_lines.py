"""A prompt file: lines of text, or JSON objects."""

import pytest

from fluxctl.errors import UsageError
from fluxctl.prompts.lines import Line, parse_lines


def test_a_text_file_is_a_prompt_a_line() -> None:
    assert parse_lines("a fox\n\n  a cat \n", "p.txt") == [Line("p.txt:1", "a fox"), Line("p.txt:3", "a cat")]


def test_lines_with_alternatives_are_no_json() -> None:
    lines = parse_lines('{red|green} fox\n{"quoted"|b} x\n', "p.txt")
    assert [line.prompt for line in lines] == ["{red|green} fox", '{"quoted"|b} x']


def test_objects_are_known_by_their_look() -> None:
    text = '{"prompt": "a fox", "seed": 7, "size": "portrait", "preset": "fast", "out": "fox.png"}\n'
    text += '{"prompt": "b", "seed": [1, 2], "guidance": 3}\n'
    first, second = parse_lines(text, "p.txt")
    assert first == Line("p.txt:1", "a fox", seeds=(7,), size="portrait", preset="fast", out="fox.png")
    assert (second.seeds, second.guidance) == ((1, 2), 3.0)


def test_every_key_of_a_line_is_taken() -> None:
    text = '{"prompt": "p", "seed": 1, "count": 2, "size": "64x64", "preset": "fast", "model": "m", "steps": 3, "guidance": 1.5,'
    (line,) = parse_lines(text + ' "clip_prompt": "c", "negative": "n", "true_cfg": 2, "out": "o"}', "p")
    assert line == Line("p:1", "p", (1,), 2, "64x64", "fast", "m", 3, 1.5, "c", "n", 2.0, "o")


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ('{"prompt": "a"}\n{"prompt": "b"\n', ":2 ", "JSON"),
        ('{"prompt": "a"}\n\na fox\n', ":3 ", "JSON"),
        ('{"prompt": "a"}\n[1]\n', ":2 ", "no JSON object"),
        ('{"seed": 7}', ":1 ", "no prompt"),
        ('{"prompt": "a", "sed": 7}', ":1 ", "did you mean seed?"),
        ('{"prompt": "a", "seed": "7"}', ":1 ", "whole number"),
        ('{"prompt": "a", "seed": []}', ":1 ", "whole number"),
        ('{"prompt": "a", "steps": 2.5}', ":1 ", "whole number"),
        ('{"prompt": "a", "steps": true}', ":1 ", "whole number"),
        ('{"prompt": 7}', ":1 ", "a text"),
        ("[" * 100_000, ":1 ", "JSON"),
    ],
)
def test_a_broken_line_is_named(text: str, where: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_lines(text, "p.jsonl")
    assert f"p.jsonl{where}" in caught.value.message and said in caught.value.message
    assert "prompt" in caught.value.hint
