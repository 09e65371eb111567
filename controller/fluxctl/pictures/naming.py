"""Makes the names of picture files: `NNNN_slug_seed.png`."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST_SLUG_CHARACTERS = 40
_NUMBERED = re.compile(r"(\d{4,6})_")
_BREAKS = re.compile(r"-+")


def slug(prompt: str) -> str:
    """Given a prompt, return a short text of letters, digits and hyphens for a file name, in any script; never empty."""
    text = unicodedata.normalize("NFC", prompt[: 20 * LONGEST_SLUG_CHARACTERS]).lower()
    kept = _BREAKS.sub("-", "".join(letter if unicodedata.category(letter)[0] in "LNM" else "-" for letter in text)).strip("-")
    if len(kept) > LONGEST_SLUG_CHARACTERS:
        head, _, _ = kept[: LONGEST_SLUG_CHARACTERS + 1].rpartition("-")
        kept = head if len(head) > LONGEST_SLUG_CHARACTERS // 2 else kept[:LONGEST_SLUG_CHARACTERS]
    return kept or "picture"


def file_name(number: int, prompt: str, seed: int, suffix: str) -> str:
    """Given a number, the prompt, the seed and the end of the name, return the name; its number keeps it clear of Windows' own names."""
    return f"{number:04d}_{slug(prompt)}_{seed}{suffix}"


def next_number(names: Iterable[str]) -> int:
    """Given the names in a folder, return the number after the highest one, 1 if there is none."""
    return max((int(found[1]) for name in names if (found := _NUMBERED.match(name))), default=0) + 1
