"""Decides whether an answer of Claude may stand in for the prompt that was typed.

It may when it has words, no more than the limit allows; holds every quoted text letter for letter, and every name and number; and
keeps more than a share of the words that carry the prompt's meaning: an answer to something else ("ignore the above") keeps few.
"""

import unicodedata
from dataclasses import dataclass

from fluxctl.claude.errors import EnhancementError
from fluxctl.claude.words import content_words, has_word, kept_words, names, numbers, quoted_texts, word_count

_LONGEST_WORD_CHARACTERS = 20
"""Of an average word, far above any language's: what hides from counting by its length."""
_JOINERS = "\u200c\u200d"
"""Some scripts and emoji need them."""
_NOT_SHOWN = ("Cc", "Cf", "Cs")
"""Control characters, invisible marks, halves of pairs."""


@dataclass(frozen=True)
class Judgement:
    """The limits of an answer."""

    maximum_words: int
    minimum_kept_share: float | None
    """Of the content words, 0 to 1; None: they may all change, and the names with them."""

    def leaves_room(self, prompt: str) -> bool:
        """Return whether anything may be added to a prompt."""
        return word_count(prompt) < self.maximum_words and len(prompt) < self._longest_characters

    def of(self, answer: str, prompt: str) -> str:
        """Given an answer and the prompt, return the answer on one line; raise EnhancementError that says why it cannot be used."""
        text = one_paragraph(answer)
        words = word_count(text)
        if not text:
            raise EnhancementError("Claude answered nothing", code="empty_answer")
        if words > self.maximum_words or len(text) > self._longest_characters:
            raise EnhancementError(
                f"Claude answered {words} words ({len(text)} characters); at most {self.maximum_words} words were asked for",
                hint="fluxctl config set enhance.maximum_words NUMBER",
                code="answer_too_long",
            )
        self._check_kept(text, one_paragraph(prompt))
        return text

    @property
    def _longest_characters(self) -> int:
        return self.maximum_words * _LONGEST_WORD_CHARACTERS

    def _check_kept(self, answer: str, prompt: str) -> None:
        lost = [quoted for quoted in quoted_texts(prompt) if quoted not in answer]
        wanted_names = names(prompt) if self.minimum_kept_share is not None else []
        lost += [word for word in dict.fromkeys([*wanted_names, *numbers(prompt)]) if not has_word(answer, word)]
        if lost:
            raise EnhancementError(f"Claude's answer lost {_listed(lost)}", code="answer_lost_words")
        if self.minimum_kept_share is None:
            return
        wanted = content_words(prompt)
        kept = kept_words(wanted, answer)
        if len(kept) < len(wanted) and len(kept) <= len(wanted) * self.minimum_kept_share:
            raise EnhancementError(
                f"Claude answered another prompt: it keeps {len(kept)} of {len(wanted)} words that say what the picture shows",
                code="answer_unrelated",
            )


def one_paragraph(text: str) -> str:
    """Given any text, return it on one line, composed (NFC), without letters that are none."""
    shown = (letter if letter in _JOINERS or unicodedata.category(letter) not in _NOT_SHOWN else " " for letter in text)
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())


def _listed(texts: list[str]) -> str:
    shown = ", ".join(f'"{text[:60]}"' for text in texts[:3])
    return f"{shown} and {len(texts) - 3} more" if len(texts) > 3 else shown
