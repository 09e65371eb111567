"""The text for CLIP: at most 75 tokens, whole words, whole characters."""

import gzip
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from fluxctl.prompts.fit import certainly_fits, fit
from fluxctl.prompts.graphemes import grapheme_ends
from fluxctl.prompts.t5 import count_t5
from fluxpod import tokens

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
PIECES = (
    "a ",
    "fox, ",
    "e\u0301",
    "👩\u200d👩\u200d👧",
    "🇩🇪",
    "❤️",
    "क्षि",
    "각",
    "狐",
    "\u0600,",
    "\r\n",
    ". ",
    "lighthouse",
    "\u200b",
    "1.5 ",
)
AWKWARD_TEXT = st.lists(st.sampled_from(PIECES), max_size=120).map("".join)


@given(ANY_TEXT | AWKWARD_TEXT, st.sampled_from([1, 7, 75]))
def test_the_fit_is_a_beginning_within_the_limit_that_splits_no_character(text: str, limit: int) -> None:
    found = fit(text, limit)
    assert text.startswith(found.text)
    assert tokens.count(found.text) <= limit
    assert found.exact and found.count == tokens.count(text)
    ends = {match.end() for match in regex.finditer(r"\X", text)} | {0}
    assert len(found.text) in ends
    if tokens.count(text) <= limit:
        assert found.text == text


@given(st.lists(st.text(st.characters(categories=["L"], max_codepoint=0x2FF), min_size=1, max_size=12), min_size=1, max_size=150))
def test_the_fit_never_splits_a_word_that_could_be_kept_whole(words: list[str]) -> None:
    text = " ".join(words)
    found = fit(text).text
    if tokens.count(words[0]) <= tokens.CONTENT_TOKENS:
        assert found.split() == words[: len(found.split())] and found


@given(AWKWARD_TEXT | ANY_TEXT)
def test_the_places_between_characters_are_unicodes(text: str) -> None:
    ours, theirs = grapheme_ends(text), {match.end() for match in regex.finditer(r"\X", text)}
    assert set(ours) <= theirs and (not text or ours[-1] == len(text))


def test_a_text_that_fits_is_left_alone() -> None:
    assert fit("a red fox in snow").text == "a red fox in snow"
    assert certainly_fits("a red fox in snow") and not certainly_fits("x" * 76) and not certainly_fits("狐")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("a red fox in snow, " * 30, "a red fox in snow"),
        ("word " * 100, "word"),
        ("one two three. " * 4 + "more and more words " * 40, "words more and more"),
        ("First sentence with words. " * 14 + "and " * 60, "words."),
        ("狐狸在雪地里，" * 40, "狐狸在雪地里"),
    ],
)
def test_it_is_cut_behind_a_clause_else_between_words(text: str, end: str) -> None:
    found = fit(text).text
    assert found.endswith(end) and tokens.count(found) > 40


def test_a_word_longer_than_the_limit_is_cut_between_characters() -> None:
    found = fit("e\u0301" * 300).text
    assert found and len(found) % 2 == 0


def test_a_character_longer_than_the_limit_leaves_nothing() -> None:
    assert fit("a" + "\u0301" * 500).text == ""


def test_a_word_behind_the_limit_does_not_cost_those_before() -> None:
    assert fit("a fox " + "x" * 2000).text == "a fox"


@pytest.fixture
def damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A vocabulary that breaks off in the middle."""
    file = tmp_path / "merges.gz"
    file.write_bytes(gzip.compress(b"#version\na b\n")[:-6])
    caches = (tokens.merges, tokens.vocabulary, tokens._pairs, tokens._tokenizer)  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(tokens, "_MERGES", file)
    for cache in caches:
        cache.cache_clear()
    yield file
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("content", [None, b"", b"no gzip", gzip.compress(b"#version\na b\n"), gzip.compress(b"\xff\xfe" * 50_000)])
def test_a_damaged_vocabulary_is_estimated(damaged: Path, content: bytes | None) -> None:
    if content is not None:
        damaged.write_bytes(content)
    short, long = fit("a red fox, in snow"), fit("word, " * 100)
    assert not short.exact and short.text == "a red fox, in snow"
    assert (long.count, len(long.text.split())) == (160, 46) and not long.text.endswith(",")


def test_the_embedded_model_says_what_its_other_encoder_loses() -> None:
    text = " ".join(["a red circle on a blue background"] * 40)
    found = count_t5(text, "embedded", 192)
    assert found.exact and found.tokens > 192
    assert found.lost and text.endswith(found.lost)
    kept = text.removesuffix(found.lost)
    assert count_t5(kept, "embedded", 192).tokens == 192


def test_other_models_are_estimated() -> None:
    found = count_t5("a red fox in snow", "black-forest-labs/FLUX.1-dev", 512)
    assert (found.tokens, found.limit, found.exact, found.lost) == (8, 512, False, "")


@pytest.mark.parametrize("text", ["🦊" * 400, "狐狸" * 400, "\x00\x01" * 300, "<|endoftext|>" * 200, "\u202e" * 300, "word " * 5000])
def test_anything_that_is_text_can_be_fitted(text: str) -> None:
    found = fit(text)
    assert tokens.count(found.text) <= 75 and unicodedata.normalize("NFC", text).startswith(unicodedata.normalize("NFC", found.text))
