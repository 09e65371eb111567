"""`fluxpod.tokens` counts exactly as transformers' CLIPTokenizer does, without torch."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest

from fluxpod import tokens

AWKWARD = [
    "",
    "   ",
    "a red fox in snow",
    "  A  Red\tFOX\n\n in   snow  ",
    "café naïve ÀÉÎ",
    "e\u0301cole",
    "🦊❄️ fox 👩\u200d👩\u200d👧",
    "狐狸在雪地里 日本語",
    "<|endoftext|> literal <|startoftext|>",
    "a<|endoftext|>b",
    "&amp; &lt;b&gt;",
    "zero\u200bwidth",
    "it's we'll I'D they've",
    "1234567 3.14",
    "İstanbul ẞ ǅ",
    "\u00a0nbsp\u3000wide",
    "a" * 300,
    "!!!???...",
    "\x00\x01 control",
    "</w> a</w>",
]


@pytest.fixture(scope="module")
def reference():
    from fluxpod.embedded import architecture

    return architecture.clip_tokenizer()


def random_texts() -> list[str]:
    random = Random(0)  # noqa: S311
    ranges = ((32, 127), (0x80, 0x3000), (0x4E00, 0x4F00), (0x1F300, 0x1F700))
    return ["".join(chr(random.randrange(*random.choice(ranges))) for _ in range(60)) for _ in range(200)]


@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_ids_and_text_are_those_of_transformers(reference, text: str):
    expected = reference(text, add_special_tokens=False).input_ids
    assert tokens.encode(text) == expected
    assert tokens.count(text) == len(expected)
    assert tokens.decode(expected) == reference.decode(expected)


def test_random_unicode_is_counted_alike(reference):
    for text in random_texts():
        assert tokens.encode(text) == reference(text, add_special_tokens=False).input_ids, repr(text)


def test_the_vocabulary_is_clips():
    assert len(tokens.vocabulary()) == 49408
    assert tokens.encode("a red fox") == [320, 736, 3240]
    assert tokens.vocabulary()[tokens.END_OF_TEXT] == 49407
    assert tokens.CONTENT_TOKENS == 75


def test_text_is_never_cut_short():
    assert tokens.count("word " * 500) == 500


def test_counting_needs_neither_torch_nor_transformers():
    code = "import sys; from fluxpod import tokens; assert 'tokenizers' not in sys.modules; tokens.count('a'); "
    code += "print(sorted({'torch', 'transformers', 'numpy', 'diffusers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
