"""Keeps secrets out of the words that somebody else wrote: servers repeat what they refuse."""

import json
import re
from collections.abc import Iterable

from fluxctl.output.plain import one_line, shortened

SHORTEST_SECRET_CHARACTERS = 6
LONGEST_WORDS_COLUMNS = 300
_SOUNDS_SECRET = re.compile(r"\b(?:hf_|rpa_|rps_|sk-)[\w-]{6,}|-----BEGIN.*", re.DOTALL)


class Hidden:
    """Values that no text may show. Its own text says nothing of them."""

    __slots__ = ("_values",)

    def __init__(self, values: Iterable[str] = ()) -> None:
        parts = (part for value in values for part in (value, *value.splitlines()))  # of a key, a server may repeat one line
        long_enough = {part for part in parts if len(part) >= SHORTEST_SECRET_CHARACTERS}
        spellings = {spelling for value in long_enough for spelling in (value, json.dumps(value)[1:-1])}
        self._values = tuple(sorted(spellings, key=len, reverse=True))

    def __repr__(self) -> str:
        return "Hidden()"

    def clean(self, text: str) -> str:
        """Return a server's or library's words on one line, short, and without any of the values."""
        for value in self._values:
            text = text.replace(value, "(hidden)")
        return shortened(one_line(_SOUNDS_SECRET.sub("(hidden)", text)), LONGEST_WORDS_COLUMNS)
