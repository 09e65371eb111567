"""Changes one value in the text of a YAML file and leaves every other character as it is."""

from collections.abc import Sequence
from typing import Any

import yaml

from fluxctl.settings.tree import Path
from fluxctl.settings.yaml_file import composed

_INDENT = 2


def edited(text: str, path: Path, value: Any, place: str) -> str:
    """Given a file's text, return it with one value set; raise SettingsError if it is not YAML."""
    newline = "\r\n" if "\r\n" in text else "\n"
    node = composed(text, place)
    if not isinstance(node, yaml.MappingNode):
        head = text if not text or text.endswith("\n") else text + newline
        return head + _block(path, value, 0, newline) + newline
    for depth, name in enumerate(path):
        pair = _find(node, name)
        if pair is None:
            return _added(text, node, path[depth:], value, newline)
        key, child = pair
        if depth == len(path) - 1:
            return _replaced(text, child, scalar(value), newline)
        if not isinstance(child, yaml.MappingNode):
            # A group without anything in it: what it says (`null`, `~`) goes, and the value comes below it.
            text = text[: child.start_mark.index] + text[child.end_mark.index :]
            rest = _block(path[depth + 1 :], value, key.start_mark.column + _INDENT, newline)
            return _after_line(text, key.end_mark.index, rest, newline)
        node = child
    return text


def scalar(value: Any) -> str:
    """Return a value in YAML, on one line, quoted where it has to be."""
    return yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9).strip()[1:-1]


def _find(node: yaml.MappingNode, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    pairs: Sequence[tuple[yaml.Node, yaml.Node]] = node.value
    return next((pair for pair in pairs if pair[0].value == name), None)


def _replaced(text: str, node: yaml.Node, written: str, newline: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    before = " " if start == end else ""
    after = newline if text[start:end].endswith("\n") else ""
    return text[:start] + before + written + after + text[end:]


def _added(text: str, node: yaml.MappingNode, rest: Path, value: Any, newline: str) -> str:
    if node.flow_style:
        written = scalar(value)
        for name in reversed(rest[1:]):
            written = f"{{{scalar(name)}: {written}}}"
        end = node.end_mark.index - 1
        comma = ", " if node.value else ""
        return text[:end].rstrip() + f"{comma}{scalar(rest[0])}: {written}" + text[end:]
    column = node.value[0][0].start_mark.column
    return _after_line(text, _end_of(node), _block(rest, value, column, newline), newline)


def _end_of(node: yaml.Node) -> int:
    """Return where the last value inside a node ends; a node's own end may lie behind the comments that follow it."""
    while isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        node = node.value[-1][1]
    return node.end_mark.index


def _after_line(text: str, index: int, lines: str, newline: str) -> str:
    """Insert lines below the line that an index lies in."""
    while index > 0 and text[index - 1] in "\r\n":
        index -= 1
    end = text.find("\n", index)
    end = len(text) if end < 0 else end
    if text[:end].endswith("\r"):
        end -= 1
    return text[:end] + newline + lines + (text[end:] or newline)


def _block(path: Path, value: Any, column: int, newline: str) -> str:
    """Return the lines that set a value under names that are not there yet."""
    heads = [" " * (column + _INDENT * depth) + scalar(name) + ":" for depth, name in enumerate(path)]
    return newline.join(heads) + " " + scalar(value)
