"""The world around a command: streams, variables, clock, sleep and places; a test replaces any of it."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TextIO


@dataclass
class Environment:
    """What a command may know of the outside. By default it is the real one."""

    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)
    working_folder: Path = field(default_factory=Path.cwd)
    now: Callable[[], float] = time.time
    """Wall clock, seconds since 1970 (UTC)."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds on a clock that never goes back."""
    sleep: Callable[[float], None] = time.sleep

    @cached_property
    def paths(self) -> "Paths":
        """Where fluxctl keeps its files for this user: under FLUXCTL_HOME if set, else where the platform wants them."""
        home = self.variables.get("FLUXCTL_HOME")
        if home:
            folder = (self.working_folder / Path(home).expanduser()).resolve()
            return Paths(config=folder / "config", state=folder / "state", cache=folder / "cache", pictures=folder / "pictures")
        from platformdirs import PlatformDirs

        places = PlatformDirs("fluxctl", appauthor=False)
        return Paths(
            config=Path(places.user_config_dir), state=Path(places.user_state_dir), cache=Path(places.user_cache_dir), pictures=None
        )

    @property
    def home(self) -> Path:
        """The user's own folder."""
        return Path(self.variables.get("HOME") or Path.home())

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can answer a question: stdin and stderr are a terminal."""
        return self.stdin.isatty() and self.stderr.isatty()


@dataclass(frozen=True)
class Paths:
    """Folders of one user. They may not exist yet."""

    config: Path
    """config.yaml, config.env, prompts/"""
    state: Path
    """ledger, keys and processes of pods, logs"""
    cache: Path
    """what can be made again"""
    pictures: Path | None
    """None: the user's own pictures folder decides."""
