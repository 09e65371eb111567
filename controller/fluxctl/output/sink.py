"""The one sink that prints: data goes to stdout, talk to stderr, and `--json` changes the sink, never the command."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import DeclinedError, FluxctlError, UsageError


@dataclass
class Sink:
    """Prints for one command. `json_mode`: stdout gets one JSON object and nothing else."""

    environment: Environment
    json_mode: bool = False
    quiet: bool = False
    """Say only what went wrong."""

    def line(self, text: str) -> None:
        """Print one line of data, such as the path of a picture; nothing in JSON mode, where `document` reports."""
        if not self.json_mode:
            self._write(self.environment.stdout, text)

    def document(self, data: Mapping[str, Any]) -> None:
        """Print the one JSON object of a command in JSON mode; nothing otherwise."""
        if self.json_mode:
            self._write(self.environment.stdout, json.dumps(data, ensure_ascii=False, indent=2))

    def say(self, text: str) -> None:
        """Tell the person something, on stderr."""
        if not self.quiet:
            self._write(self.environment.stderr, text)

    def warn(self, text: str) -> None:
        """Warn in one line, on stderr, whatever the mode."""
        self._write(self.environment.stderr, f"warning: {text}")

    def hint(self, text: str) -> None:
        """Name the next command to type, on stderr."""
        self.say(f"→ {text}")

    def error(self, problem: FluxctlError) -> None:
        """Print what happened, why, and what to type next, on stderr."""
        self._write(self.environment.stderr, f"error: {problem.message}")
        if problem.hint:
            self._write(self.environment.stderr, f"→ {problem.hint}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows of text under column heads on stdout, aligned; cells are never cut."""
        if self.json_mode:
            return
        widths = [max(len(column), *(len(row[place]) for row in rows), 0) for place, column in enumerate(columns)]
        for row in (columns, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self._write(self.environment.stdout, "  ".join(cells).rstrip())

    def confirm(self, question: str, *, yes: bool, flag: str = "--yes") -> None:
        """Ask before something costs or is lost; raise DeclinedError on no, UsageError where nobody can answer and `yes` is not set."""
        if yes:
            return
        if not self.environment.is_interactive:
            raise UsageError(f"{question} Nobody can answer here: no terminal.", hint=f"say it with {flag}", code="no_terminal")
        self.environment.stderr.write(f"{question} [y/N] ")
        self.environment.stderr.flush()
        if self.environment.stdin.readline().strip().lower() not in ("y", "yes"):
            raise DeclinedError("declined; nothing was done")

    @property
    def is_live(self) -> bool:
        """Whether lines on stderr can be redrawn: a terminal that is not dumb, and talk is wanted."""
        terminal = self.environment.stderr.isatty() and self.environment.variables.get("TERM") != "dumb"
        return terminal and not self.quiet

    @property
    def is_coloured(self) -> bool:
        """Whether colour is wanted on stderr (https://no-color.org)."""
        return self.is_live and not self.environment.variables.get("NO_COLOR")

    def _write(self, stream: Any, text: str) -> None:
        """Write a line; replace what the stream's encoding cannot hold, and leave quietly when its reader has gone."""
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
