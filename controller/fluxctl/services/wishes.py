"""Makes the wishes of one command: a wish for each line of a prompt file, and for each of several steps or guidances."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import TypeVar

from fluxctl.prompts.lines import Line
from fluxctl.wish import Wish

Number = TypeVar("Number", int, float)


def wishes_for(said: Wish, lines: Sequence[Line], steps: Sequence[int], guidances: Sequence[float]) -> tuple[Wish, ...]:
    """Given what the flags say, the lines of a prompt file (none: there is no file) and the values of --steps and --guidance, return
    the wishes. What a line says goes before the flags, for it was said of that line alone."""
    wishes = [_of_line(said, line, steps, guidances) for line in lines] if lines else [_varied(said, steps, guidances)]
    return tuple(wish for group in wishes for wish in group)


def _of_line(said: Wish, line: Line, steps: Sequence[int], guidances: Sequence[float]) -> list[Wish]:
    """Return the wishes of one line. A preset of its own decides steps and guidance, several seeds of its own the count."""
    own = {
        name: value
        for name in ("seeds", "count", "size", "preset", "model", "clip_prompt", "negative", "true_cfg", "out")
        if (value := getattr(line, name)) not in (None, ())
    }
    if len(line.seeds) > 1:
        own.setdefault("count", None)
    wish = replace(said, prompts=(line.prompt,), where=line.where, **own)
    return _varied(
        wish,
        _own_or_flags(line.steps, line.preset, steps),
        _own_or_flags(line.guidance, line.preset, guidances),
    )


def _own_or_flags(own: Number | None, preset: str | None, flags: Sequence[Number]) -> Sequence[Number]:
    if own is not None:
        return (own,)
    return flags if preset is None else ()


def _varied(wish: Wish, steps: Sequence[int], guidances: Sequence[float]) -> list[Wish]:
    return [replace(wish, steps=step, guidance=guidance) for guidance, step in product(guidances or (None,), steps or (None,))]
