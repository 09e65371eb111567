"""Where a value came from, in words for people."""

from dataclasses import dataclass
from enum import IntEnum


class Layer(IntEnum):
    """The layers of settings; a higher one goes before a lower one."""

    DEFAULTS = 1
    CONFIG_YAML = 2
    USER_CONFIG_ENV = 3
    LOCAL_CONFIG_ENV = 4
    ENVIRONMENT = 5


@dataclass(frozen=True)
class Origin:
    """One place: a file and its line, or an environment variable."""

    layer: Layer
    place: str
    """Path of the file; empty for the environment."""
    line: int | None = None
    """From 1."""
    name: str = ""
    """Of the variable, where there is one."""

    @property
    def text(self) -> str:
        """Return the place in words, such as `/home/ada/.config/fluxctl/config.yaml:3`."""
        if self.layer is Layer.ENVIRONMENT:
            return f"environment variable {self.name}"
        where = self.place if self.line is None else f"{self.place}:{self.line}"
        if self.layer is Layer.DEFAULTS:
            return f"default ({where})"
        return f"{where} ({self.name})" if self.name else where

    @property
    def at(self) -> str:
        """Return the place as the head of a message, such as `config.yaml:3`."""
        if self.layer is Layer.ENVIRONMENT:
            return self.text
        return self.place if self.line is None else f"{self.place}:{self.line}"
