"""Names of picture files."""

import pytest
from hypothesis import given, strategies

from fluxctl.pictures.naming import LONGEST_SLUG_CHARACTERS, file_name, next_number, slug


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a lighthouse in fog", "a-lighthouse-in-fog"),
        ("  A Fox!!  in *snow* / night\\day: 50%  ", "a-fox-in-snow-night-day-50"),
        ("ein süßer Fuchs", "ein-süßer-fuchs"),
        ("雪の中の狐", "雪の中の狐"),
        ("हिन्दी में", "हिन्दी-में"),
        ("🦊🦊🦊", "picture"),
        ("", "picture"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "con"),
        ("one two three four five six seven eight nine ten", "one-two-three-four-five-six-seven-eight"),
        ("x" * 100, "x" * 40),
    ],
)
def test_a_slug_keeps_words_and_nothing_that_a_file_system_dislikes(prompt: str, expected: str) -> None:
    assert slug(prompt) == expected


@given(strategies.text(max_size=200))
def test_any_prompt_gives_a_name_that_every_file_system_takes(prompt: str) -> None:
    name = file_name(1, prompt, 2**63 - 1, ".webp")
    assert 1 <= len(slug(prompt)) <= LONGEST_SLUG_CHARACTERS
    assert not set(name) & set('<>:"/\\|?*\0\n\r\t ')
    assert name.isprintable()
    assert len(name.encode("utf-8")) <= 255


def test_the_name_has_number_slug_and_seed() -> None:
    assert file_name(7, "a lighthouse", 184467, ".png") == "0007_a-lighthouse_184467.png"
    assert file_name(12345, "x", 0, ".jpg") == "12345_x_0.jpg"


def test_the_next_number_follows_the_highest_and_skips_what_is_not_ours() -> None:
    assert next_number([]) == 1
    assert next_number(["0007_a_1.png", "0003_b_2.jpg", "notes.txt"]) == 8
    assert next_number(["20261123_120000.jpg", "x_0009_y.png", "9999999_z.png"]) == 1
    assert next_number(["9999_a_1.png"]) == 10000
