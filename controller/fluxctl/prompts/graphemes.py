"""Finds where a text may be cut: between what people see as characters, and between words."""

import unicodedata

_CLAUSE_ENDS = ".,;:!?…、。，；：！？।؟،؛"
"""A mark among these, with a space behind it or in a script without spaces, ends a clause."""
_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x30FF),  # Han radicals, Japanese kana
    (0x31F0, 0x9FFF),  # Katakana extensions, Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts that put no spaces between words: there a word ends wherever a character does."""
_VIRAMA = 9
"""Canonical combining class of the sign that joins two Indic consonants into one character."""


def grapheme_ends(text: str) -> list[int]:
    """Given a text, return the places behind each of its characters as people count them (Unicode's extended grapheme clusters)."""
    from tokenizers import Regex, pre_tokenizers

    pieces = pre_tokenizers.Split(Regex(r"\X"), "isolated").pre_tokenize_str(text)
    ends = [end for _, (_, end) in pieces]
    return [end for end in ends if end == len(text) or unicodedata.combining(text[end - 1]) != _VIRAMA]


def is_word_end(text: str, place: int) -> bool:
    """Given a place behind a character, return whether no word goes across it; marks stay with the word that they stand at."""
    if place >= len(text):
        return True
    before, after = text[place - 1], text[place]
    if after in _CLAUSE_ENDS:
        return before not in _CLAUSE_ENDS and is_word_end(text, place + 1)
    return any(letter.isspace() or _stands_alone(letter) for letter in (before, after))


def is_clause_end(text: str, place: int) -> bool:
    """Given a place where no word goes across, return whether a clause ends there: at a punctuation mark or a line's end."""
    if place >= len(text):
        return True
    return text[place - 1] in _CLAUSE_ENDS or text[place] in _CLAUSE_ENDS or text[place] in "\r\n"


def _stands_alone(letter: str) -> bool:
    """Return whether a character needs no space to be apart from the next word: those scripts, and pictures."""
    code = ord(letter)
    return unicodedata.category(letter) == "So" or any(first <= code <= last for first, last in _WITHOUT_SPACES)
