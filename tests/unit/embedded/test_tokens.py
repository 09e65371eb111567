"""`fluxpod.tokens` counts exactly as transformers' CLIPTokenizer does, without torch."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest
from tests.support.clip_reference import clip_reference

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


RANGES = ((32, 127), (0x80, 0x3000), (0x4E00, 0x4F00), (0x1F300, 0x1F700), (0, 32), (0x300, 0x370), (0x2000, 0x2070), (0xE0000, 0xE0080))
GENERATED = 10_000
WORDS = (
    "a",
    "red",
    "fox",
    "LIGHTHOUSE",
    "it's",
    "3.14",
    "naïve",
    "<|endoftext|>",
    "狐狸",
    "👩\u200d👩\u200d👧",
    "—",
    "\n",
    "</w>",
    "don't",
)


def generated_texts() -> list[str]:
    """Half of them characters of all kinds, half words in any order."""
    random = Random(0)  # noqa: S311
    letters = ["".join(chr(random.randrange(*random.choice(RANGES))) for _ in range(random.randrange(60))) for _ in range(GENERATED // 2)]
    return letters + [random.choice(("", " ")).join(random.choices(WORDS, k=random.randrange(30))) for _ in range(GENERATED // 2)]


@pytest.fixture(scope="module")
def reference() -> dict[str, tuple[list[int], str]]:
    texts = [*AWKWARD, *generated_texts()]
    return dict(zip(texts, clip_reference(texts), strict=True))


@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_ids_and_text_are_those_of_transformers(reference, text: str):
    ids, again = reference[text]
    assert tokens.encode(text) == ids
    assert tokens.count(text) == len(tokens.spans(text)) == len(ids)
    assert tokens.decode(ids) == again


def test_ten_thousand_generated_texts_are_counted_alike(reference):
    texts = generated_texts()
    assert len(texts) == GENERATED and len(set(texts)) > GENERATED // 2
    for text in texts:
        assert tokens.encode(text) == reference[text][0], repr(text)


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
