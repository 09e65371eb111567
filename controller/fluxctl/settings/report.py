"""Lists every setting with its value and where it came from, for people and for machines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from fluxctl.settings.load import Settings
from fluxctl.settings.schema import leaves
from fluxctl.settings.tree import Path, dotted


@dataclass(frozen=True)
class Row:
    """One setting."""

    key: str
    value: Any
    origin: str

    @property
    def text(self) -> str:
        """Return the value as it would stand in config.yaml."""
        return value_text(self.value)


def rows(settings: Settings) -> list[Row]:
    """Return every setting that has a value written somewhere, in the order of config_defaults.yaml; secrets are none of them."""
    return list(_rows(settings))


def value_text(value: Any) -> str:
    """Return a value as people write it: null, true, 600, 3.5, png."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)


def _rows(settings: Settings) -> Iterator[Row]:
    values = settings.values.model_dump()
    for path in leaves(values):
        origin = settings.origins.get(dotted(path))
        if origin is not None:
            yield Row(dotted(path), _at(values, path), origin.text)


def _at(values: dict[str, Any], path: Path) -> Any:
    return reduce(lambda group, name: group[name], path, values)
