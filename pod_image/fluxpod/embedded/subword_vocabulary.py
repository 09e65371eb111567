"""Makes the T5-style subword vocabulary: the captions' own words whole, common English, and bytes for all the rest."""

from __future__ import annotations

import json
import string

from fluxpod import tokens
from fluxpod.embedded import captions, words
from fluxpod.embedded.subwords import END, FILE, PAD, PIECES, UNKNOWN, WORD_START


def make_vocabulary() -> list[tuple[str, float]]:
    """The pieces and their scores (log probabilities by rank, so that a known word is never cut); `FILE` holds the result.

    The order is fixed by the sources alone; trained weights belong to one order, so `FILE` changes only with new weights.
    """
    own = " ".join([*captions.content_texts(), *words.LEADS, *words.TAILS, *words.FILLER])
    letters = "".join(letter if letter.isalnum() else " " for letter in own.lower())
    whole = [WORD_START + word for word in [*letters.split(), *captions.common_words()]]
    single = [WORD_START, *string.ascii_lowercase, *string.digits, *string.punctuation]
    names = [PAD, END, UNKNOWN, *(f"<0x{byte:02X}>" for byte in range(256)), *single, *whole]
    names += [(WORD_START if name.endswith(tokens.END_OF_WORD) else "") + name.removesuffix(tokens.END_OF_WORD) for name in _clip_pieces()]
    unique = list(dict.fromkeys(names))[:PIECES]
    return [(name, _score(name, rank)) for rank, name in enumerate(unique)]


def _clip_pieces() -> list[str]:
    joined = [left + right for left, right in tokens.merges()[:4000]]
    return [name for name in joined if name.isascii() and name.removesuffix(tokens.END_OF_WORD).isalpha()]


def _score(name: str, rank: int) -> float:
    if rank < 259:
        return 0.0
    return -9.0 - rank / 2000 if len(name) > 2 else -14.0


if __name__ == "__main__":
    FILE.write_text(json.dumps(make_vocabulary(), ensure_ascii=False, indent=0) + "\n")
