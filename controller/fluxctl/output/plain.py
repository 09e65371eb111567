"""Makes text from files and workers safe to print: no control character of it reaches the terminal."""

import unicodedata

_KEPT = frozenset("\u200c\u200d")
"""Joiners, which some scripts and emoji need."""


def plain(text: str) -> str:
    """Given any text, return it with its lines, and without anything else that a terminal would obey."""
    return "".join(letter if letter == "\n" or _is_shown(letter) else "\ufffd" for letter in text.replace("\r\n", "\n").replace("\t", " "))


def one_line(text: str) -> str:
    """Given any text, return it on one line, safe to print."""
    return " ".join(plain(text).split())


def width_of(text: str) -> int:
    """Return how many columns a terminal gives to a text of one line."""
    return sum(_columns(letter) for letter in text)


def shortened(text: str, columns: int) -> str:
    """Given a text of one line, return it, or its beginning and `…`, so that it takes no more than so many columns."""
    if width_of(text) <= columns:
        return text
    used, kept = 1, ""
    for letter in text:
        used += _columns(letter)
        if used > columns:
            break
        kept += letter
    return f"{kept.rstrip()}…"


def _is_shown(letter: str) -> bool:
    return letter in _KEPT or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")


def _columns(letter: str) -> int:
    if unicodedata.combining(letter) or letter in _KEPT:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
