"""Types fluxctl commands for a person with a home of their own: in this process, or as a process."""

import fcntl
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fluxctl.cli.main import main
from fluxctl.environment import Environment

KEPT_VARIABLES = ("PATH", "PYTHONPATH", "HOME", "HF_HUB_OFFLINE", "SOCKET_GUARD_LOG", "TMPDIR")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Typed:
    """What a command did."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        return json.loads(self.out)

    @property
    def paths(self) -> list[Path]:
        """The lines of stdout, as paths."""
        return [Path(line) for line in self.out.splitlines()]


@dataclass
class Shell:
    """A person's home, and what they export."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        """Make the config folder and the folder they stand in."""
        self.work = self.home / "work"
        self.config.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self.variables = {**kept, "FLUXCTL_HOME": str(self.home), **self.variables}

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def pictures(self) -> list[Path]:
        """Every file below the pictures folder."""
        return sorted(path for path in (self.home / "pictures").rglob("*") if path.is_file())

    def type(self, *words: str, stdin: str = "", terminal: bool = False, **replaced: Any) -> Typed:
        """Run a command in this process; `replaced` are fields of Environment."""
        stream = Terminal if terminal else io.StringIO
        given: dict[str, Any] = {"stdin": stream(stdin), "stdout": io.StringIO(), "stderr": stream(), "working_folder": self.work}
        environment = Environment(**{**given, "variables": dict(self.variables), **replaced})
        code = main(words, environment)
        return Typed(words, code, environment.stdout.getvalue(), environment.stderr.getvalue())

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command as a process of its own."""
        command = [sys.executable, "-m", "fluxctl", *words]
        return subprocess.Popen(
            command, cwd=self.work, env=self.variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def worker_process(self) -> int | None:
        """The process id of the living worker: the one that holds its lock."""
        for path in self.home.glob("state/pods/*/run/fluxpod/worker.lock"):
            with path.open() as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    text = lock.read().strip()
                    return int(text) if text.isdigit() else None
        return None

    def worker_log(self) -> str:
        """What every worker of this home has written."""
        return "".join(log.read_text() for log in self.home.glob("state/pods/*/var/log/fluxpod/worker.log*"))


def wait_until(happened: Callable[[], object], seconds: float = 60.0) -> None:
    """Return as soon as something another process does has happened; fail after the limit."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds:g} s")
        time.sleep(0.02)


def recipe_of(typed: Typed) -> Mapping[str, Any]:
    """The first recipe of a dry run."""
    return typed.document["recipes"][0]
