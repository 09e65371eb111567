"""Decides which part of a prompt CLIP reads: whole clauses or words, at most 75 tokens. T5 gets the prompt whole."""

from dataclasses import dataclass
from itertools import pairwise

from fluxctl.prompts.graphemes import grapheme_ends, is_clause_end, is_word_end
from fluxpod import tokens

TOKENS_PER_WORD = 1.6
"""The older tool's estimate; used only where the vocabulary cannot be read."""
SHARE_FOR_A_CLAUSE = 0.6
"""A cut at the end of a clause is better than one between words as long as it leaves this much of what fits."""
_LOOK_AHEAD_CHARACTERS = 16
_TRAILING = " \t\r\n,;:、，；：-–—"
"""A clause may end with a full stop, not with what announces the next one."""


@dataclass(frozen=True)
class Fit:
    """The text for CLIP, and how it came about."""

    text: str
    """The prompt's beginning; the prompt itself where it fits."""
    count: int
    """Content tokens of the whole prompt."""
    limit: int = tokens.CONTENT_TOKENS
    exact: bool = True
    """False: the vocabulary is damaged, and the tokens are estimated from the words."""


def fit(prompt: str, limit: int = tokens.CONTENT_TOKENS) -> Fit:
    """Given a prompt, return the part of it that CLIP reads.

    It is cut behind a clause, else between two words. A single word that is longer than CLIP's limit is cut between two characters;
    a single character that is longer leaves nothing.
    """
    try:
        spans = tokens.spans(prompt)
        return Fit(_cut(prompt, spans, limit), len(spans), limit)
    except tokens.VocabularyError:
        return _estimated(prompt, limit)


def certainly_fits(prompt: str, limit: int = tokens.CONTENT_TOKENS) -> bool:
    """Return whether a prompt is so short that nothing has to be counted: a token is at least one ASCII character."""
    return len(prompt) <= limit and prompt.isascii()


def _cut(prompt: str, spans: list[tuple[int, int]], limit: int) -> str:
    """Given a prompt and the places of its tokens, return its longest part that is fit to be read."""
    if len(spans) <= limit:
        return prompt
    last = spans[limit][0]
    ends = _without_trailing(prompt, [end for end in grapheme_ends(prompt[: last + _LOOK_AHEAD_CHARACTERS]) if end <= last])
    words = [end for end in ends if is_word_end(prompt, end)]
    clause = _longest(prompt, [end for end in words if is_clause_end(prompt, end)], limit)
    if tokens.count(clause) >= SHARE_FOR_A_CLAUSE * limit:
        return clause
    return _longest(prompt, words, limit) or _longest(prompt, ends, limit)


def _without_trailing(prompt: str, ends: list[int]) -> list[int]:
    """Given the places behind a prompt's characters, leave out those behind a character that no text should end with."""
    return [end for begin, end in pairwise([0, *ends]) if prompt[begin:end].strip(_TRAILING)]


def _longest(prompt: str, ends: list[int], limit: int) -> str:
    """Given places to cut at, return the longest beginning that fits; empty if there is none."""
    return next((prompt[:end] for end in reversed(ends) if tokens.count(prompt[:end]) <= limit), "")


def _estimated(prompt: str, limit: int) -> Fit:
    """Fit by the number of words, as well as can be done without the vocabulary."""
    words = prompt.split()
    estimate = round(len(words) * TOKENS_PER_WORD)
    if estimate <= limit:
        return Fit(prompt, estimate, limit, exact=False)
    end = 0
    for word in words[: int(limit / TOKENS_PER_WORD)]:
        end = prompt.index(word, end) + len(word)
    return Fit(prompt[:end].rstrip(_TRAILING), estimate, limit, exact=False)
