"""A value together with who said it, so that a wrong one can be traced by the person who reads about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fluxctl.errors import UsageError
from fluxctl.settings.load import Settings
from fluxctl.settings.nearest import nearest, suggestion

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
FROM = "the picture of --from"


@dataclass(frozen=True)
class Said(Generic[T_co]):
    """A value, or None for nothing said."""

    value: T_co
    by: str
    """A flag, a preset, a place in a settings file."""


def setting(settings: Settings, key: str, value: T) -> Said[T]:
    """Given a setting's dotted key and value, return it with the place where it stands."""
    return Said(value, f"{key}, {settings.origins[key].text}")


def first(*candidates: Said[T | None]) -> Said[T]:
    """Return the first candidate that says something; the last one must."""
    for candidate in candidates:
        if candidate.value is not None:
            return Said(candidate.value, candidate.by)
    raise ValueError("nothing was said, not even by default")


def named(what: str, said: Said[str], names: Iterable[str]) -> str:
    """Return the name that was said, of a preset or a model; raise UsageError with the nearest right one if it is none."""
    known = list(names)
    if said.value in known:
        return said.value
    close = nearest(said.value, known)
    raise UsageError(
        f"unknown {what} {said.value} ({said.by}); {suggestion(said.value, known)}",
        hint=f"--{what} {close}" if close else "fluxctl config show",
        code=f"unknown_{what}",
    )
