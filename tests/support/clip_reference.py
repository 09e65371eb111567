"""Counts texts with transformers' own CLIPTokenizer, in a process of its own: what `fluxpod.tokens` has to equal."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any


def clip_reference(texts: Sequence[str]) -> list[tuple[list[int], str]]:
    """Given texts, return for each the ids that transformers gives, and what it makes of them again."""
    done = subprocess.run([sys.executable, __file__], input=json.dumps(list(texts)), check=True, capture_output=True, text=True)
    return [(ids, text) for ids, text in json.loads(done.stdout)]


def _reference() -> Any:
    from transformers import CLIPTokenizer

    from fluxpod import tokens

    vocabulary: Any = tokens.vocabulary()
    return CLIPTokenizer(vocab=vocabulary, merges=tokens.merges(), model_max_length=tokens.MAXIMUM_TOKENS)


if __name__ == "__main__":
    tokenizer = _reference()
    found = [tokenizer(text, add_special_tokens=False).input_ids for text in json.load(sys.stdin)]
    sys.stdout.write(json.dumps([(ids, tokenizer.decode(ids)) for ids in found]))
