"""Reads the numbers that were typed: one, or with --grid several with commas between."""

from collections.abc import Callable
from typing import TypeVar

from fluxctl.errors import UsageError

Number = TypeVar("Number", int, float)


def parse_numbers(flag: str, text: str | None, kind: Callable[[str], Number], *, several: bool) -> tuple[Number, ...]:
    """Given the value of a flag, return its numbers, none for None; raise UsageError for what is none, or for several without --grid."""
    if text is None:
        return ()
    try:
        numbers = tuple(dict.fromkeys(kind(part.strip()) for part in text.split(",")))
    except ValueError as error:
        words = "whole number" if kind is int else "number"
        raise UsageError(f"{flag} {text!r} is not a {words}, nor several with commas between", hint="fluxctl gen --help") from error
    if len(numbers) > 1 and not several:
        raise UsageError(f"{flag} {text} is several values, which --grid compares", hint="add --grid, or say one", code="needs_grid")
    return numbers
