"""Settings as they were written: nested values, and for each key where it stands and how it reads there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from fluxctl.settings.origin import Origin

Path = tuple[str, ...]
"""Names from the top down, such as ("pod", "drain_seconds")."""


def dotted(path: Path) -> str:
    """Return the path as people write it: `pod.drain_seconds`."""
    return ".".join(path)


@dataclass
class Tree:
    """One layer, or several laid over each other."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    origins: dict[Path, Origin] = field(default_factory=dict[Path, Origin])
    """Of every key, groups included."""
    written: dict[Path, str] = field(default_factory=dict[Path, str])
    """Every value's own spelling, for messages."""

    def put(self, path: Path, value: Any, origin: Origin, written: str) -> None:
        """Set one value, and make the groups above it where they are missing."""
        group = self.values
        for depth, name in enumerate(path[:-1], start=1):
            self.origins.setdefault(path[:depth], origin)
            group = group.setdefault(name, {})
        group[path[-1]] = value
        self.origins[path] = origin
        self.written[path] = written

    def over(self, lower: "Tree") -> "Tree":
        """Return this tree laid over a lower one: groups are merged by name, values replaced."""
        return Tree(_merged(lower.values, self.values), lower.origins | self.origins, lower.written | self.written)

    def origin(self, path: Path) -> Origin:
        """Return where a path stands, or the nearest group above it that stands somewhere."""
        while path and path not in self.origins:
            path = path[:-1]
        return self.origins[path] if path else next(iter(self.origins.values()))


def _merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Merge by name; a group that is written without anything in it changes nothing."""
    result = dict(lower)
    for name, value in upper.items():
        below = result.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            result[name] = _merged(cast(dict[str, Any], below), cast(dict[str, Any], value))
        elif not (isinstance(below, dict) and value is None):
            result[name] = value
    return result
