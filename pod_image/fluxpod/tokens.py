"""Counts text as FLUX's CLIP encoder counts it, with the real CLIP vocabulary and without torch.

The merges come from OpenAI's CLIP (MIT, see `data/CLIP_LICENSE`). The pre-tokenizer and the normalizer are those of
transformers' `CLIPTokenizer`, so both give the same ids for the same text.
"""

from __future__ import annotations

import gzip
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAXIMUM_TOKENS = 77
"""What CLIP reads, the two marks around the text included."""
CONTENT_TOKENS = MAXIMUM_TOKENS - 2
START_OF_TEXT = "<|startoftext|>"
END_OF_TEXT = "<|endoftext|>"
END_OF_WORD = "</w>"

MERGES = 48_894
_MERGES = Path(__file__).parent / "data" / "clip_merges.txt.gz"
_SPLIT = r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


class VocabularyError(Exception):
    """The vocabulary file is not there or damaged, so nothing can be counted exactly."""


@cache
def merges() -> list[tuple[str, str]]:
    """The 48 894 pairs that CLIP's byte-pair encoding joins, in order of rank; raise VocabularyError if they cannot be read."""
    halves = _pairs().replace("\n", " ").split(" ")
    return list(zip(halves[::2], halves[1::2], strict=True))


@cache
def vocabulary() -> dict[str, int]:
    """Every CLIP token and its id: 256 bytes, the same at a word's end, the merges, the two marks (49 408 in all)."""
    alphabet = _byte_alphabet()
    names = [*alphabet, *(letter + END_OF_WORD for letter in alphabet), *_pairs().replace(" ", "").split("\n")]
    names.extend((START_OF_TEXT, END_OF_TEXT))
    return dict(zip(names, range(len(names)), strict=True))


@cache
def _pairs() -> str:
    """The merges as they stand in the file, one a line, two halves with a space between."""
    try:
        _, _, pairs = gzip.decompress(_MERGES.read_bytes()).decode().rstrip("\n").partition("\n")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise VocabularyError(f"{_MERGES} cannot be read: {error}") from error
    if (pairs.count("\n") + 1, pairs.count(" ")) != (MERGES, MERGES):
        raise VocabularyError(f"{_MERGES} does not hold {MERGES} pairs")
    return pairs


def encode(text: str) -> list[int]:
    """The ids of `text` without the marks that CLIP puts around it; never cut short."""
    return _tokenizer().encode(text, add_special_tokens=False).ids


def count(text: str) -> int:
    """How many of CLIP's content tokens `text` takes; FLUX's CLIP encoder reads the first `CONTENT_TOKENS`."""
    return len(encode(text))


def spans(text: str) -> list[tuple[int, int]]:
    """Where in `text` each of its content tokens begins and ends, in characters."""
    return _tokenizer().encode(text, add_special_tokens=False).offsets


def embedded_t5_spans(text: str) -> list[tuple[int, int]]:
    """The same for the embedded model's other encoder, in the place of T5, whose subwords come with it; its end mark is not among them."""
    from fluxpod.embedded import subwords

    return subwords.tokenizer().encode(text, add_special_tokens=False).offsets


def decode(ids: list[int]) -> str:
    """The text that `ids` stand for: lower case, words apart, as transformers' `CLIPTokenizer` writes it."""
    return _tokenizer().decode(ids, skip_special_tokens=False).replace(END_OF_WORD, " ").strip()


def _byte_alphabet() -> list[str]:
    """One printable character a byte, in the order of CLIP's vocabulary (GPT-2's `bytes_to_unicode`)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = 256 - len(printable)
    return [chr(code) for code in printable] + [chr(256 + number) for number in range(others)]


@cache
def _tokenizer() -> Tokenizer:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
    from tokenizers.models import BPE

    tokenizer = Tokenizer(BPE(vocabulary(), merges(), continuing_subword_prefix="", end_of_word_suffix=END_OF_WORD, unk_token=END_OF_TEXT))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    words = pre_tokenizers.Split(Regex(_SPLIT), behavior="removed", invert=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    marks = [AddedToken(mark, normalized=False, special=True) for mark in (START_OF_TEXT, END_OF_TEXT)]
    tokenizer.add_special_tokens(marks)  # pyright: ignore[reportUnknownMemberType]
    return tokenizer
