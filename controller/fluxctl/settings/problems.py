"""Everything that is wrong with one place, said at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.errors import SettingsError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where."""

    at: str
    """`file:line`, or the variable."""
    text: str
    line: int = 0
    """From 1, for the order."""


def refusal(problems: Sequence[Problem], *, hint: str = "fluxctl config path", code: str = "") -> SettingsError:
    """Given what was found, return the error that names all of it, one line each."""
    ordered = sorted(problems, key=lambda problem: problem.line)
    lines = dict.fromkeys(f"{problem.at}: {problem.text}" for problem in ordered)
    return SettingsError("\n       ".join(lines), hint=hint, code=code)


def refuse(problems: Sequence[Problem], *, hint: str = "fluxctl config path", code: str = "") -> None:
    """Given what was found, raise SettingsError that names all of it, or return if that is nothing."""
    if problems:
        raise refusal(problems, hint=hint, code=code)
