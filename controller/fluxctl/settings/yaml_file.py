"""Reads a YAML settings file into a tree that knows the line of every key; whatever is wrong is named with its line."""

import re
from collections.abc import Sequence
from typing import Any, cast

import yaml

from fluxctl.settings.origin import Layer, Origin
from fluxctl.settings.problems import Problem, refusal, refuse
from fluxctl.settings.tree import Path, Tree

_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST_FOR_FAST_LOADER_CHARACTERS = 10_000
"""libyaml overruns its stack on text nested some 20 000 deep; PyYAML's own loader raises RecursionError instead."""
_PLAIN_TAGS = ("null", "bool", "int", "float", "str", "timestamp")
_EXPONENT = re.compile(r"[+-]?[0-9]+[eE][+-]?[0-9]+", re.ASCII)


def decoded(data: bytes, place: str) -> str:
    """Given a file's bytes, return its text without a byte order mark; raise SettingsError with the line if it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refusal([Problem(f"{place}:{line}", "this is not UTF-8 text; save the file as UTF-8")], code="not_utf8") from error


def parsed(text: str, place: str, layer: Layer, *, trusted: bool = False) -> Tree:
    """Given the text of a file, return its tree; raise SettingsError that names every problem of its form.

    `trusted`: it comes with fluxctl.
    """
    reader = _Reader(place, layer)
    try:
        root = composed(text, place, trusted=trusted)
        if root is not None and not root.tag.endswith(":null"):
            reader.read(root, ())
    except RecursionError:
        reader.problems.append(Problem(place, "it is nested too deeply to be settings"))
    refuse(reader.problems, code="bad_settings_file")
    return reader.tree


def composed(text: str, place: str, *, trusted: bool = False) -> yaml.Node | None:
    """Return the file as YAML nodes, None if there is nothing in it; raise SettingsError with the line if it is not YAML."""
    loader = _FAST_LOADER if trusted or len(text) <= _LONGEST_FOR_FAST_LOADER_CHARACTERS else yaml.SafeLoader
    try:
        return cast(yaml.Node | None, cast(Any, yaml).compose(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise refusal([Problem(f"{place}{line}", f"this is not YAML: {error.problem}")], code="not_yaml") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise refusal([Problem(f"{place}:{line}", f"this is not YAML: {error.reason}")], code="not_yaml") from error


class _Reader:
    """Walks the nodes of one file."""

    def __init__(self, place: str, layer: Layer) -> None:
        self.tree = Tree()
        self.problems: list[Problem] = []
        self._place, self._layer = place, layer
        self._constructor: Any = yaml.constructor.SafeConstructor()
        self._seen: set[int] = set()

    def read(self, node: yaml.Node, path: Path) -> Any:
        """Return the value of a node, and note its keys in the tree."""
        if id(node) in self._seen:
            self._complain(node, "aliases (*name) are not read here: write it out")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if not path:
            self._complain(node, "names and values are expected here, such as `generate:` and below it `  steps: 28`")
            return None
        if isinstance(node, yaml.ScalarNode):
            self.tree.written[path] = f'"{node.value}"' if node.tag.endswith(":str") else node.value or "nothing"
            return self._scalar(node)
        self.tree.written[path] = "a list"
        return []

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values = self.tree.values if not path else {}
        self.tree.written[path] = "a group"
        pairs: Sequence[tuple[yaml.Node, yaml.Node]] = node.value
        for key, value in pairs:
            if not isinstance(key, yaml.ScalarNode):
                self._complain(key, "a name is expected before the colon")
                continue
            name, here = str(key.value), Origin(self._layer, self._place, key.start_mark.line + 1)
            if name in values:
                first = self.tree.origins[(*path, name)].line
                self._complain(key, f"{'.'.join((*path, name))} stands here a second time; the first is in line {first}")
                continue
            self.tree.origins[(*path, name)] = here
            values[name] = self.read(value, (*path, name))
        return values

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind not in _PLAIN_TAGS:
            self._complain(node, f"the tag {node.tag} is not read here")
            return None
        if kind == "str" and node.style is None and _EXPONENT.fullmatch(node.value):
            # YAML 1.1 wants a dot in 1e3, people do not.
            return float(node.value)
        if kind in ("str", "timestamp"):
            return node.value
        try:
            return self._constructor.construct_object(node)
        except ValueError:
            # A number of thousands of digits, or `!!int abc`: as text it is refused with the setting's name.
            return node.value

    def _complain(self, node: yaml.Node, text: str) -> None:
        self.problems.append(Problem(f"{self._place}:{node.start_mark.line + 1}", text))
