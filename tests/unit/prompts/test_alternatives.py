"""`{red|green} fox`: what is read, written out, drawn and refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxctl.errors import UsageError
from fluxctl.prompts.alternatives import MOST_NESTED, Choice, Template, count, drawn, every, longest, parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


def joined(parts: list[str | Choice]) -> Template:
    """Parts as the reader gives them: no two texts side by side."""
    made: list[str | Choice] = []
    for part in parts:
        if made and isinstance(part, str) and isinstance(made[-1], str):
            made[-1] += part
        else:
            made.append(part)
    return tuple(made)


TEMPLATES = st.recursive(
    st.lists(TEXT, max_size=2).map(lambda texts: joined(list(texts))),
    lambda inner: st.lists(TEXT | st.lists(inner, min_size=1, max_size=3).map(lambda options: Choice(tuple(options))), max_size=3).map(
        joined
    ),
    max_leaves=8,
)


def written(template: Template) -> str:
    """A template as somebody types it."""
    parts: list[str] = []
    for part in template:
        if isinstance(part, str):
            parts.append("".join(f"\\{letter}" if letter in "{}|\\" else letter for letter in part))
        else:
            parts.append("{" + "|".join(map(written, part.options)) + "}")
    return "".join(parts)


@given(TEMPLATES)
def test_what_is_written_is_read_again(template: Template) -> None:
    assert parse(written(template)) == template


@given(TEMPLATES, st.integers(0, 2**63 - 1))
def test_a_seed_draws_one_of_all_combinations_and_always_the_same(template: Template, seed: int) -> None:
    texts = list(every(template))
    assert len(texts) == count(template)
    text = drawn(template, written(template), seed)
    assert text in texts and drawn(template, written(template), seed) == text
    assert longest(template) == max(texts, key=len) or len(longest(template)) == max(map(len, texts))


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("a fox", ["a fox"]),
        ("a {red|green} fox", ["a red fox", "a green fox"]),
        ("{a|b}{1|2}", ["a1", "a2", "b1", "b2"]),
        ("a {|very {big|small} }fox", ["a fox", "a very big fox", "a very small fox"]),
        ("{one}", ["one"]),
        (r"a sign \{open\} or a\|b", ["a sign {open} or a|b"]),
        (r"{a\|b|c}", ["a|b", "c"]),
        ("a | b", ["a | b"]),
        (r"C:\new", [r"C:\new"]),
        (r"two \\ {a}", ["two \\ a"]),
        ("", [""]),
    ],
)
def test_alternatives_are_written_out(typed: str, texts: list[str]) -> None:
    assert list(every(parse(typed))) == texts


def test_every_alternative_is_drawn_by_some_seed() -> None:
    typed = "{a|b|c} {1|2}"
    assert {drawn(parse(typed), typed, seed) for seed in range(100)} == set(every(parse(typed)))


def test_the_choices_of_one_prompt_are_drawn_apart() -> None:
    typed = "{a|b}{a|b}"
    assert {drawn(parse(typed), typed, seed) for seed in range(50)} == {"aa", "ab", "ba", "bb"}


@pytest.mark.parametrize(("typed", "place"), [("a {red fox", 3), ("a red} fox", 6), ("{a|{b}", 1), ("{}}", 3), (r"\{a}", 4)])
def test_unbalanced_braces_are_refused_with_their_place(typed: str, place: int) -> None:
    with pytest.raises(UsageError, match=f"character {place} ") as caught:
        parse(typed)
    assert caught.value.code == "unbalanced_braces" and r"\{" in caught.value.hint


def test_endless_nesting_is_refused_and_not_followed() -> None:
    assert count(parse("{" * MOST_NESTED + "}" * MOST_NESTED)) == 1
    with pytest.raises(UsageError) as caught:
        parse("{" * 100_000)
    assert caught.value.code == "nested_too_deep"


def test_counting_does_not_write_out() -> None:
    assert count(parse("{0|1|2|3|4|5|6|7|8|9}" * 6)) == 1_000_000
    assert count(parse("{a|b}" * 5000)) == 2**5000
