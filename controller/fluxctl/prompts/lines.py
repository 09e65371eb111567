"""Reads the lines of a prompt file: a prompt each, or a JSON object each with a prompt and what is special about it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from fluxctl.errors import UsageError
from fluxctl.settings.nearest import suggestion

EXAMPLE = '{"prompt": "a red fox", "seed": 7, "size": "portrait"}'
_OBJECT = re.compile(r'\{\s*(\}|"[^"\\]*"\s*:)')
"""How a JSON object begins, and no prompt with alternatives does."""


@dataclass(frozen=True)
class Line:
    """One line; None and empty: nothing was said."""

    where: str
    """File and number: `prompts.jsonl:3`."""
    prompt: str
    seeds: tuple[int, ...] = ()
    count: int | None = None
    size: str | None = None
    preset: str | None = None
    model: str | None = None
    steps: int | None = None
    guidance: float | None = None
    clip_prompt: str | None = None
    negative: str | None = None
    true_cfg: float | None = None
    out: str | None = None


def parse_lines(text: str, name: str) -> list[Line]:
    """Given a file's text and name, return its lines without the empty ones; raise UsageError, which names the line, for a broken one.

    The file is taken as JSONL when a line of it begins like a JSON object, or when its name says so; then every line has to be one.
    """
    numbered = [(f"{name}:{number}", line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    is_jsonl = name.lower().endswith((".jsonl", ".ndjson")) or any(_OBJECT.match(line) for _, line in numbered)
    return [_from_json(line, where) if is_jsonl else Line(where, line) for where, line in numbered]


def _from_json(text: str, where: str) -> Line:
    try:
        data: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _broken(where, f"is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise _broken(where, "holds no JSON object")
    said = {key: value for key, value in cast("dict[str, Any]", data).items() if value is not None}
    fields = {("seeds" if key == "seed" else key): _checked(key, value, where) for key, value in said.items()}
    if "prompt" not in fields:
        raise _broken(where, "has no prompt")
    return Line(where, **fields)


def _checked(key: str, value: object, where: str) -> Any:
    """Given a key and what stands there, return the value as a wish holds it."""
    if key not in _KINDS:
        why = f"has an unknown key {key!r}; {suggestion(key, _KINDS)}"
        raise UsageError(f"{where} {why}", hint=f"a line is like {EXAMPLE}", code="unknown_key")
    words, read = _KINDS[key]
    found = read(value)
    if found is None:
        raise _broken(where, f"says {key}: {json.dumps(value)}, which is not {words}")
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _seeds(value: object) -> tuple[int, ...] | None:
    several = cast("list[object]", value) if isinstance(value, list) else [value]
    seeds = [seed for seed in map(_whole, several) if seed is not None]
    return tuple(seeds) if seeds and len(seeds) == len(several) else None


_KINDS: dict[str, tuple[str, Callable[[object], Any]]] = {
    **dict.fromkeys(("prompt", "size", "preset", "model", "clip_prompt", "negative", "out"), ("a text", _text)),
    **dict.fromkeys(("count", "steps"), ("a whole number", _whole)),
    **dict.fromkeys(("guidance", "true_cfg"), ("a number", _number)),
    "seed": ("a whole number, nor several in [ ]", _seeds),
}
"""What a line may say, in words, and how it is read: None for another kind."""


def _broken(where: str, what: str) -> UsageError:
    return UsageError(f"{where} {what}", hint=f"a line is like {EXAMPLE}", code="broken_line")
