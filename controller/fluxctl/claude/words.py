"""Finds in a prompt what a better version must keep: quoted text, names and numbers, and the words that carry its meaning."""

import math
import re
import unicodedata

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
"""Letters of scripts that put no spaces between words (Thai, Lao, Burmese, Khmer, kana, Han)."""
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")
_QUOTED = re.compile(
    r"""(?<!\w)"([^"]+)"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|»([^«]+)«|「([^」]+)」|『([^』]+)』"""
    r"""|(?<!\w)‘([^’]+)’(?!\w)|(?<!\w)'([^']+)'(?!\w)"""
)
_BETWEEN = re.compile(r"[\s\-/–—,.;:!?…|]+")
_SENTENCE_ENDS = (".", "!", "?", ":")
_POSSESSIVE = re.compile(r"['’]s$")
_LITTLE_WORDS = frozenset(
    """\
    a an and are at by for from has have her his in into is it its my of off on onto or our out over some that the their
    them there this to under was were with your
    please draw make show paint picture image pic
    """.split()  # noqa: SIM905 - a list of fifty strings is no easier to read
)
"""English words that say nothing of what a picture shows."""
_SHORTEST_CONTENT_LETTERS = 3


def word_count(text: str) -> int:
    """Return how many words a text has; where a script has no spaces, two letters count as one word."""
    unspaced = len(_UNSPACED_LETTER.findall(text))
    spaced = [part for part in _UNSPACED_LETTER.sub(" ", text).split() if any(letter.isalnum() for letter in part)]
    return len(spaced) + math.ceil(unspaced / 2)


def quoted_texts(text: str) -> list[str]:
    """Return what stands in quotation marks of any kind, each on one line."""
    found = (next(filter(None, match.groups())) for match in _QUOTED.finditer(text))
    return [" ".join(quoted.split()) for quoted in found if quoted.strip()]


def numbers(text: str) -> list[str]:
    """Return the words outside of quotation marks that hold a digit."""
    return [word for word in map(_bare, _unquoted(text)) if any(letter.isdigit() for letter in word)]


def names(text: str) -> list[str]:
    """Return the words outside of quotation marks that have a capital where no sentence begins.

    Where most words have a capital (a title, or shouting), a capital says nothing.
    """
    tokens = _unquoted(text)
    words = [_bare(token) for token in tokens]
    if sum(word[:1].isupper() for word in words) * 2 > sum(bool(word) for word in words):
        return []
    begins = [place == 0 or tokens[place - 1].endswith(_SENTENCE_ENDS) for place in range(len(tokens))]
    inner = [word[1:] if first else word for word, first in zip(words, begins, strict=True)]
    return [word for word, part in zip(words, inner, strict=True) if len(word) > 1 and any(letter.isupper() for letter in part)]


def content_words(text: str) -> set[str]:
    """Return the words that say what is in the picture, in small letters; of unspaced scripts the single letters."""
    spaced = _pieces(_UNSPACED_LETTER.sub(" ", text))
    words = {word for word in spaced if len(word) >= _SHORTEST_CONTENT_LETTERS and word not in _LITTLE_WORDS}
    return words | set(_UNSPACED_LETTER.findall(text)) or {word for word in spaced if word not in _LITTLE_WORDS}


def kept_words(words: set[str], answer: str) -> set[str]:
    """Given content words, return those that the answer holds, in this or another form (flying, flew: no; fox, foxes: yes)."""
    there = [*_pieces(_UNSPACED_LETTER.sub(" ", answer)), *_UNSPACED_LETTER.findall(answer)]
    return {word for word in words if any(other.startswith(_stem(word)) for other in there)}


def has_word(answer: str, word: str) -> bool:
    """Return whether a name or number stands in the answer as a word of its own, capitals aside."""
    return re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", answer.casefold()) is not None


def _unquoted(text: str) -> list[str]:
    """Return the words with what clings to them; a quoted text ends a sentence."""
    return _QUOTED.sub(" . ", text).split()


def _pieces(text: str) -> list[str]:
    pieces = (_bare(part).casefold() for part in _BETWEEN.split(text))
    return [piece for piece in pieces if any(letter.isalnum() for letter in piece)]


def _bare(token: str) -> str:
    """Return a token without the punctuation and signs around it, and without a possessive s."""
    start, end = 0, len(token)
    while start < end and unicodedata.category(token[start])[0] in "PSC":
        start += 1
    while end > start and unicodedata.category(token[end - 1])[0] in "PSC":
        end -= 1
    return _POSSESSIVE.sub("", token[start:end])


def _stem(word: str) -> str:
    """Return the beginning that other forms of a word share."""
    return word[: max(_SHORTEST_CONTENT_LETTERS, len(word) - 3)]
