"""Tells how much of a prompt T5 holds: exactly for the embedded model, by an estimate for the others, whose tokenizer is in the pod."""

import math
from dataclasses import dataclass

from fluxpod import tokens

TOKENS_PER_WORD = 1.3
"""What T5 takes for the words of ordinary English prompts, punctuation included."""
END_MARKS = 1
EMBEDDED = "embedded"


@dataclass(frozen=True)
class T5Count:
    """A prompt as T5 takes it; the end mark counts."""

    tokens: int
    limit: int
    exact: bool
    lost: str = ""
    """What T5 does not hold, word for word; empty for an estimate, which cannot tell."""


def count_t5(prompt: str, source: str, limit: int) -> T5Count:
    """Given a prompt, the source of its model, and how many tokens T5 gets there, return what it takes."""
    if source != EMBEDDED:
        return T5Count(math.ceil(len(prompt.split()) * TOKENS_PER_WORD) + END_MARKS, limit, exact=False)
    spans = tokens.embedded_t5_spans(prompt)
    room = limit - END_MARKS
    lost = prompt[spans[room][0] :].strip() if len(spans) > room else ""
    return T5Count(len(spans) + END_MARKS, limit, exact=True, lost=lost)
