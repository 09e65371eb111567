"""Reads the shape of settings out of their pydantic models: which names there are, and what each value may be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fluxctl.settings.model import Values
from fluxctl.settings.tree import Path

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,100}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Leaf:
    """What one value may be."""

    kind: type
    nullable: bool
    choices: tuple[str, ...]
    words: str
    """In words for people: `a whole number from 1 to 1000, or null`."""

    def from_text(self, text: str) -> Any:
        """Given the text of a variable or of a command line, return it as this kind of value; what is not one stays text, to be refused."""
        bare = text.strip()
        if self.nullable and bare == "null":
            return None
        if self.kind in (int, float) and _WHOLE_NUMBER.fullmatch(bare):
            return int(bare)
        if self.kind is float and _NUMBER.fullmatch(bare):
            return float(bare)
        if self.kind is bool and bare.lower() in _TRUE + _FALSE:
            return bare.lower() in _TRUE
        return bare


def leaves(values: Mapping[str, Any]) -> dict[Path, Leaf]:
    """Given the merged values, return every setting that can be set, with what it may be."""
    return {path: _leaf(annotation) for path, annotation in _walk(Values, (), values, values)}


def shape_at(path: Path) -> Any:
    """Return the annotation that belongs to a path: a model, a dict of names, or a leaf's type; None where there is none."""
    annotation: Any = Values
    for name in path:
        if is_group(annotation):
            annotation = _fields(annotation).get(name)
        elif get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
        else:
            return None
    return annotation


def is_group(annotation: Any) -> bool:
    """Return whether an annotation is a group with fixed names."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def names_in(annotation: Any) -> list[str]:
    """Return the names of a group; none for anything else."""
    return list(_fields(annotation)) if is_group(annotation) else []


def leaf_at(path: Path) -> Leaf | None:
    """Return what the value at a path may be; None if no single value stands there."""
    annotation = shape_at(path)
    if annotation is None or is_group(annotation) or get_origin(annotation) is dict:
        return None
    return _leaf(annotation)


@cache
def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(model, include_extras=True).items() if name in model.model_fields}


def _walk(annotation: Any, path: Path, values: Any, top: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    inside = cast(dict[str, Any], values) if isinstance(values, dict) else dict[str, Any]()
    if is_group(annotation):
        for name, hint in _fields(annotation).items():
            yield from _walk(hint, (*path, name), inside.get(name), top)
    elif get_origin(annotation) is dict:
        # A preset may say something about any model, not only about those that it names already.
        names = dict.fromkeys([*inside, *(top.get("models") or ())] if path[-1] == "models" else inside)
        for name in names:
            yield from _walk(get_args(annotation)[1], (*path, name), inside.get(name), top)
    else:
        yield path, annotation


@cache
def _leaf(annotation: Any) -> Leaf:
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    nullable = NoneType in parts
    (part,) = (part for part in parts if part is not NoneType)
    base, limits = _unwrapped(part)
    choices = tuple(str(choice) for choice in get_args(base)) if get_origin(base) is Literal else ()
    kind = str if choices else base
    words = limits.get("words") or (", ".join(choices) if choices else _in_words(kind, limits))
    return Leaf(kind, nullable, choices, f"{words}, or null" if nullable else words)


def _unwrapped(annotation: Any) -> tuple[Any, dict[str, Any]]:
    """Return the type inside Annotated, and its limits by name (ge, gt, le)."""
    if get_origin(annotation) is not Annotated:
        return annotation, {}
    base, *extras = get_args(annotation)
    infos = [extra for extra in extras if isinstance(extra, FieldInfo)]
    found = {name: getattr(item, name) for info in infos for item in info.metadata for name in ("ge", "gt", "le") if hasattr(item, name)}
    words = next((info.description for info in infos if info.description), None)
    return base, {**found, "words": words}


def _in_words(kind: type, limits: Mapping[str, Any]) -> str:
    if kind is bool:
        return "true or false"
    if kind is str:
        return "text"
    what = "a whole number" if kind is int else "a number"
    if "gt" in limits:
        return f"{what} above {limits['gt']} and at most {limits['le']}"
    return f"{what} from {limits['ge']} to {limits['le']}"
