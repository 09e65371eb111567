"""The T5-style vocabulary keeps the captions' words whole and can spell anything."""

from __future__ import annotations

from random import Random

import pytest

from fluxpod import tokens
from fluxpod.embedded import captions, scenes, subword_vocabulary, subwords


@pytest.fixture(scope="module")
def tokenizer():
    return subwords.tokenizer()


def test_every_word_with_a_meaning_is_one_piece(tokenizer):
    for text in captions.content_texts():
        for word in text.replace("-", " ").split():
            assert len(tokenizer.encode(word, add_special_tokens=False).ids) == 1, word


@pytest.mark.parametrize("text", ["a red fox in snow", "🦊 狐狸", "ünïcode", "~`|{}", "12345"])
def test_any_text_comes_back(tokenizer, text: str):
    encoded = tokenizer.encode(text)
    assert encoded.tokens[-1] == subwords.END
    assert subwords.UNKNOWN not in encoded.tokens
    assert tokenizer.decode(encoded.ids) == text


def test_the_shipped_vocabulary_has_its_size_and_no_doubles(tokenizer):
    assert tokenizer.get_vocab_size() == subwords.PIECES == len({name for name, _ in subword_vocabulary.make_vocabulary()})


def test_captions_with_long_filler_still_fit():
    random, tokenizer = Random(0), subwords.tokenizer()  # noqa: S311
    wording = captions.Wording(empty=0.0, long_filler=1.0)
    for _ in range(300):
        text = captions.caption(scenes.draw_lot(random), random, wording)
        assert len(tokenizer.encode(text).ids) <= subwords.MAXIMUM_TOKENS
        assert tokens.count(text) > captions.LONG_FILLER_TOKENS or len(text.split()) <= 12
