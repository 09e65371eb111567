"""Takes single values out of RunPod's JSON; what has not the expected form is None, never an error that would hold the rest."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from fluxctl.pods.offer import Stock

Item = TypeVar("Item")


def mapping(said: Any) -> Mapping[str, Any]:
    """Return an object, empty where there is none."""
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def items(said: Any) -> list[Any]:
    """Return a list, empty where there is none."""
    return cast("list[Any]", said) if isinstance(said, list) else []


def whole(found: Iterable[Item | None] | None) -> tuple[Item, ...] | None:
    """Return a list whose every item could be read; None otherwise: a part of a list is not a list."""
    read = None if found is None else tuple(found)
    known = tuple(item for item in read or () if item is not None)
    return known if read is not None and len(known) == len(read) else None


def text(said: Any) -> str:
    """Return a text, "" where there is none."""
    return said if isinstance(said, str) else ""


def text_or_none(said: Any) -> str | None:
    """Return a text that is not empty."""
    return said if isinstance(said, str) and said else None


def number(said: Any) -> float | None:
    """Return a finite number."""
    good = isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)
    return float(said) if good else None


def price(said: Any) -> float | None:
    """Return a price; what costs nothing has none."""
    found = number(said)
    return found if found is not None and found > 0 else None


def port(said: Any) -> int | None:
    """Return a TCP port."""
    found = number(said)
    return int(found) if found is not None and found.is_integer() and 1 <= found <= 65535 else None


def stock(said: Any) -> Stock:
    """Return how many there are, in either API's words."""
    words = text(said).strip().lower()
    return Stock(words) if words in {item.value for item in Stock} else Stock.UNKNOWN
