"""Checks merged settings against their models, and says of each wrong value where it stands, what is allowed and what was meant."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from fluxctl.settings import schema
from fluxctl.settings.model import LARGEST_DISK_GB, SMALLEST_DISK_GB, Values
from fluxctl.settings.nearest import nearest, suggestion
from fluxctl.settings.problems import Problem, refusal
from fluxctl.settings.secrets import sounds_secret
from fluxctl.settings.sizes import RANGE_IN_WORDS, is_in_range, is_size, sides
from fluxctl.settings.tree import Path, Tree, dotted

_LONGEST_SHOWN = 80
"""Characters of a wrong value that are shown."""


def checked(tree: Tree) -> Values:
    """Given all layers in one tree, return them as `Values`; raise SettingsError that names everything that is wrong."""
    values, problems = judged(tree)
    if values is None or problems:
        raise refusal(problems, code="bad_setting")
    return values


def judged(tree: Tree) -> tuple[Values | None, list[Problem]]:
    """Given all layers in one tree, return them as `Values`, if they have the form, and everything that is wrong with them."""
    try:
        values = Values.model_validate(tree.values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return None, [_problem(tree, item["type"], tuple(map(str, item["loc"]))) for item in found]
    return values, [_at(tree, path, text) for path, text in _mismatches(values)]


def unknown_name(path: Path, tree: Tree) -> str:
    """Given the path of a name that is no setting, return the sentence that says so and leads to the right one."""
    siblings = schema.names_in(schema.shape_at(path[:-1]))
    elsewhere = [dotted(known) for known in schema.leaves(tree.values) if known[-1] == path[-1] and len(known) == 2]
    if elsewhere:
        return f"unknown setting {dotted(path)}; did you mean {elsewhere[0]}?"
    close = nearest(path[-1], siblings)
    if close:
        return f"unknown setting {dotted(path)}; did you mean {dotted((*path[:-1], close))}?"
    return f"unknown setting {dotted(path)}; here {'are' if len(siblings) > 1 else 'is'} {', '.join(siblings)}"


def wrong_value(path: Path, written: str) -> str:
    """Given a path and what was written there, return the sentence that says what is allowed."""
    leaf = schema.leaf_at(path)
    written = written if len(written) <= _LONGEST_SHOWN else f"{written[:_LONGEST_SHOWN]}…"
    if leaf is None:
        return f"{dotted(path)} is {written}; names and values are expected below it"
    close = nearest(written.strip('"'), leaf.choices) if leaf.choices else None
    boolean = " (YAML reads it as true or false)" if leaf.kind is not bool and written.lower() in ("yes", "no", "on", "off") else ""
    return f"{dotted(path)} is {written}{boolean}; allowed: {leaf.words}" + (f"; did you mean {close}?" if close else "")


def _problem(tree: Tree, kind: str, path: Path) -> Problem:
    if path[-1:] == ("[key]",):
        path = path[:-1]
        text = f"{dotted(path)}: a name begins with a letter or a digit and goes on with letters, digits, dots, - and _"
    elif kind == "extra_forbidden":
        text = _belongs_elsewhere(path[-1]) if sounds_secret(path[-1]) else unknown_name(path, tree)
    elif kind == "missing":
        leaf = schema.leaf_at(path)
        text = f"{dotted(path[:-1])} lacks {path[-1]}" + (f" ({leaf.words})" if leaf else "")
    else:
        text = wrong_value(path, tree.written.get(path, "nothing"))
    return _at(tree, path, text)


def _at(tree: Tree, path: Path, text: str) -> Problem:
    origin = tree.origin(path)
    return Problem(origin.at, text, origin.line or 0)


def _belongs_elsewhere(name: str) -> str:
    return f"{name} sounds like a secret, and none may stand in a YAML file: put it into config.env (chmod 600) or the environment"


def _mismatches(values: Values) -> Iterator[tuple[Path, str]]:
    """Find what is well formed but names something that is not there, or contradicts itself."""
    for path, name, names in _references(values):
        if name is not None and name not in names:
            yield path, f"{dotted(path)} is {name}, which is none; {suggestion(name, names)}"
    for path, size in _sizes(values):
        if size is not None and size not in values.sizes and not is_size(size):
            yield path, f"{dotted(path)} is {size}, which is no size; WIDTHxHEIGHT in pixels, or a name: {suggestion(size, values.sizes)}"
    for name, size in values.sizes.items():
        if not is_in_range(*sides(size)):
            yield ("sizes", name), f"sizes.{name} is {size}; {RANGE_IN_WORDS}"
    disk_gb = values.runpod.volume_disk_gb
    if 0 < disk_gb < SMALLEST_DISK_GB:
        yield ("runpod", "volume_disk_gb"), f"runpod.volume_disk_gb is {disk_gb}; 0 (none), or {SMALLEST_DISK_GB} to {LARGEST_DISK_GB}"
    for name, card in values.models.items():
        ordered = [pixels for pixels in (card.smallest_pixels, card.native_pixels, card.largest_pixels) if pixels is not None]
        if ordered != sorted(ordered):
            yield ("models", name), f"models.{name}: smallest_pixels, native_pixels and largest_pixels must not go down"


def _references(values: Values) -> Iterator[tuple[Path, str | None, dict[str, Any]]]:
    """Every value that must be the name of a preset or a model, with the names there are."""
    presets, models = dict(values.presets), dict(values.models)
    yield ("generate", "preset"), values.generate.preset, presets
    yield ("generate", "model"), values.generate.model, models
    for name, preset in values.presets.items():
        yield ("presets", name, "model"), preset.model, models
        for model in preset.models:
            yield ("presets", name, "models", model), model, models


def _sizes(values: Values) -> Iterator[tuple[Path, str | None]]:
    """Every value that must be a size."""
    yield ("generate", "size"), values.generate.size
    for name, preset in values.presets.items():
        yield ("presets", name, "size"), preset.size
        for model, part in preset.models.items():
            yield ("presets", name, "models", model, "size"), part.size
