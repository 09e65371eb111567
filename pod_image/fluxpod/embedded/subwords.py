"""The T5-style subword tokenizer of the embedded model, with byte fallback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PIECES = 4096
MAXIMUM_TOKENS = 192
PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
WORD_START = "▁"
FILE = Path(__file__).parents[1] / "data" / "embedded_subwords.json"


def tokenizer() -> Tokenizer:
    """A Unigram tokenizer with byte fallback: lower case, no precomposed variants, every text ends with `</s>`."""
    from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    pieces = [(str(name), float(score)) for name, score in json.loads(FILE.read_text())]
    made = Tokenizer(Unigram(pieces, unk_id=2, byte_fallback=True))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    spaces = pre_tokenizers.Metaspace(replacement=WORD_START, prepend_scheme="always", split=True)
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), spaces])
    words_apart = decoders.Metaspace(replacement=WORD_START, prepend_scheme="always", split=True)
    made.decoder = decoders.Sequence([decoders.ByteFallback(), words_apart])
    made.add_special_tokens([PAD, END, UNKNOWN])  # pyright: ignore[reportUnknownMemberType]
    made.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, 1)])
    return made
