"""Reads the alternatives in a prompt, `{red|green} fox`, and writes out one or all of the prompts that it stands for.

`{a|b}` may be nested, and an alternative may be empty. `\\{`, `\\}`, `\\|` and `\\\\` are those characters themselves; outside of braces
a `|` needs no backslash.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from fluxctl.errors import UsageError

MOST_NESTED = 20
_SPECIAL = "{}|\\"
_HINT = r"a brace that is meant is written \{ or \}"


@dataclass(frozen=True)
class Choice:
    """One of several texts."""

    options: tuple["Template", ...]


Template = tuple[str | Choice, ...]
"""A prompt: texts and choices, one after the other."""


def parse(text: str) -> Template:
    """Given a prompt as typed, return its parts; raise UsageError, which names the place, for braces that do not match."""
    if not any(letter in text for letter in "{}\\"):
        return (text,) if text else ()
    reader = _Reader()
    place = 0
    while place < len(text):
        place += reader.take(text, place)
    return reader.end()


def count(template: Template) -> int:
    """Return how many prompts a template stands for; equal ones count each."""
    return prod(sum(count(option) for option in part.options) for part in template if isinstance(part, Choice))


def every(template: Template) -> Iterator[str]:
    """Yield every prompt, the last choice changing fastest."""
    for parts in product(*([part] if isinstance(part, str) else _options(part) for part in template)):
        yield "".join(parts)


def drawn(template: Template, source: str, seed: int) -> str:
    """Given a template, its text and a seed, return one of its prompts: always the same one for the same text and seed."""

    def pick(path: str, options: int) -> int:
        digest = hashlib.sha256(f"{seed}/{path}/{source}".encode()).digest()
        return int.from_bytes(digest[:8]) % options

    return _written(template, pick, "")


def longest(template: Template) -> str:
    """Return the prompt with the most characters."""
    return "".join(part if isinstance(part, str) else max(map(longest, part.options), key=len) for part in template)


def _options(choice: Choice) -> list[str]:
    return [text for option in choice.options for text in every(option)]


def _written(template: Template, pick: Callable[[str, int], int], path: str) -> str:
    """Write a template out; `path` names the place of a choice, so that each is drawn by itself."""
    texts: list[str] = []
    for place, part in enumerate(template):
        if isinstance(part, str):
            texts.append(part)
        else:
            number = pick(f"{path}.{place}", len(part.options))
            texts.append(_written(part.options[number], pick, f"{path}.{place}.{number}"))
    return "".join(texts)


class _Reader:
    """Takes a prompt character by character; holds what is open."""

    def __init__(self) -> None:
        self._open: list[int] = []
        """Places of the braces that are not closed yet."""
        self._done: list[list[Template]] = []
        """For each of them, the alternatives that are complete."""
        self._parts: list[list[str | Choice]] = [[]]
        """The parts of what is being read, outermost first."""

    def take(self, text: str, place: int) -> int:
        """Take what stands at a place; return how many characters that was."""
        letter = text[place]
        if letter == "\\" and text[place + 1 : place + 2] in tuple(_SPECIAL):
            self._add(text[place + 1])
            return 2
        if letter == "{":
            self._begin(place)
        elif letter == "}":
            self._close(place)
        elif letter == "|" and self._open:
            self._next_option()
        else:
            self._add(letter)
        return 1

    def end(self) -> Template:
        """Return the whole; raise UsageError if a brace is still open."""
        if self._open:
            raise _unbalanced(f"the {{ at character {self._open[-1] + 1} is never closed")
        return tuple(self._parts[0])

    def _add(self, letter: str) -> None:
        parts = self._parts[-1]
        if parts and isinstance(parts[-1], str):
            parts[-1] += letter
        else:
            parts.append(letter)

    def _begin(self, place: int) -> None:
        if len(self._open) >= MOST_NESTED:
            raise UsageError(f"braces are nested more than {MOST_NESTED} deep at character {place + 1}", hint=_HINT, code="nested_too_deep")
        self._open.append(place)
        self._done.append([])
        self._parts.append([])

    def _next_option(self) -> None:
        self._done[-1].append(tuple(self._parts[-1]))
        self._parts[-1] = []

    def _close(self, place: int) -> None:
        if not self._open:
            raise _unbalanced(f"the }} at character {place + 1} closes nothing")
        self._next_option()
        self._open.pop()
        self._parts.pop()
        self._parts[-1].append(Choice(tuple(self._done.pop())))


def _unbalanced(what: str) -> UsageError:
    return UsageError(f"unbalanced braces: {what}", hint=_HINT, code="unbalanced_braces")
