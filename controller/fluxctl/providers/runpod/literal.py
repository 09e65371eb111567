"""Writes values into a GraphQL document so that they arrive unchanged, whatever they hold."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import cast

from fluxctl.errors import UsageError

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*", re.ASCII)


class Bare(str):
    """A member of an enum, which is written without quotes."""

    __slots__ = ()


def literal(value: object, place: str = "value") -> str:
    """Given text, number, truth, None, `Bare`, a list or a mapping of these, return it as GraphQL.

    Raise UsageError for what GraphQL cannot carry; it names `place`, never the value, which may be a secret.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Bare):
        return _name(value)
    if isinstance(value, str):
        return text_literal(value, place)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return "{" + ", ".join(f"{_name(name)}: {literal(item, f'{place}.{name}')}" for name, item in fields.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        items = cast("Sequence[object]", value)
        return "[" + ", ".join(literal(item, f"{place}[{number}]") for number, item in enumerate(items)) + "]"
    raise _not_carried(place, "no text, number or list")


def text_literal(text: str, place: str) -> str:
    """Return a text as a GraphQL string: JSON's escapes are a part of GraphQL's."""
    refuse_broken_text(text, place)
    return json.dumps(text, ensure_ascii=False)


def refuse_broken_text(text: str, place: str) -> None:
    """Raise UsageError when a text cannot be sent at all: half of a surrogate pair, or a NUL, which no environment can hold."""
    if "\0" in text:
        raise _not_carried(place, "a NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        broken = True
    else:
        broken = False
    if broken:  # raised out here: the other error holds the text
        raise _not_carried(place, "half of a character (an unpaired surrogate)")


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise _not_carried("a name", "a character that no name has")
    return str(name)


def _not_carried(place: str, what: str) -> UsageError:
    return UsageError(f"{place} holds {what}, which cannot be sent to RunPod", hint="correct it and try again", code="not_text")
