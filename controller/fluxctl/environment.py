"""The world around a command: streams, variables, clock, sleep and places; a test replaces any of it."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TextIO, overload

from fluxctl.errors import SettingsError

LONGEST_HOME_BYTES = 1000
LONGEST_NAME_BYTES = 255
_OTHER_HOME = "export FLUXCTL_HOME=$HOME/.fluxctl, or unset it"


class _WorkingFolder:
    """The folder that a test gave; else the current one, which is looked up only when it is needed: it may have been deleted."""

    @overload
    def __get__(self, environment: None, owner: type) -> None: ...
    @overload
    def __get__(self, environment: object, owner: type) -> Path: ...
    def __get__(self, environment: object | None, owner: type) -> Path | None:
        """Return the folder; raise SettingsError when it is gone. Asked of the class: None, the default."""
        if environment is None:
            return None
        given: Path | None = vars(environment)["_working_folder"]
        try:
            return Path.cwd() if given is None else given
        except OSError as error:
            raise SettingsError("the folder you are in is gone", hint="cd to another folder", code="no_folder") from error

    def __set__(self, environment: object, folder: Path | None) -> None:
        """Keep the folder; None: the current one."""
        vars(environment)["_working_folder"] = folder


@dataclass
class Environment:
    """What a command may know of the outside. By default it is the real one."""

    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    """Keys are among them."""
    working_folder: _WorkingFolder = _WorkingFolder()
    now: Callable[[], float] = time.time
    """Wall clock, seconds since 1970 (UTC)."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds on a clock that never goes back."""
    sleep: Callable[[float], None] = time.sleep

    @cached_property
    def paths(self) -> "Paths":
        """Where fluxctl keeps its files for this user: under FLUXCTL_HOME if set, else where the platform wants them.

        Raise SettingsError when FLUXCTL_HOME cannot be a folder.
        """
        home = self.variables.get("FLUXCTL_HOME")
        if home:
            folder = self._home_folder(home)
            return Paths(config=folder / "config", state=folder / "state", cache=folder / "cache", pictures=folder / "pictures")
        from platformdirs import PlatformDirs

        places = PlatformDirs("fluxctl", appauthor=False)
        return Paths(
            config=Path(places.user_config_dir), state=Path(places.user_state_dir), cache=Path(places.user_cache_dir), pictures=None
        )

    def _home_folder(self, text: str) -> Path:
        """Return FLUXCTL_HOME in full."""
        try:
            folder = Path(text).expanduser()
            folder = (folder if folder.is_absolute() else self.working_folder / folder).resolve()
            names = [os.fsencode(name) for name in folder.parts]
        except (OSError, RuntimeError, ValueError) as error:
            raise SettingsError(f"FLUXCTL_HOME={text} is no folder: {error}", hint=_OTHER_HOME, code="bad_home") from error
        if max(map(len, names)) > LONGEST_NAME_BYTES or sum(map(len, names)) > LONGEST_HOME_BYTES:
            raise SettingsError(f"FLUXCTL_HOME is too long ({len(text)} characters)", hint=_OTHER_HOME, code="bad_home")
        return folder

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
