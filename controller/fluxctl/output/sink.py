"""The one sink that prints: data goes to stdout, talk to stderr, and `--json` changes the sink, never the command."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TextIO

from fluxctl.environment import Environment
from fluxctl.errors import DeclinedError, FluxctlError
from fluxctl.output.plain import shortened, width_of

SCHEMA = 1
"""Version of the JSON objects; a change that a reader cannot ignore raises it."""


class OutputLostError(FluxctlError):
    """What a command had to say could not be written to stdout."""

    default_code = "output_lost"


@dataclass
class Sink:
    """Prints for one command. `json_mode`: stdout gets one JSON object and nothing else."""

    environment: Environment
    json_mode: bool = False

    def line(self, text: str) -> None:
        """Print one line of data, such as the path of a picture; nothing in JSON mode, where `document` reports.

        A path is written as the bytes it has. Raise OutputLostError when stdout cannot be written.
        """
        if not self.json_mode:
            self._write_data(os.fsencode(text), text)

    def document(self, data: Mapping[str, Any]) -> None:
        """Print the one JSON object of a command in JSON mode; nothing otherwise.

        Every object says its schema, and its error, null where there is none. Raise OutputLostError when stdout cannot be written.
        """
        if self.json_mode:
            whole = {"schema": SCHEMA, **data}
            whole.setdefault("error", None)
            encoding = str(getattr(self.environment.stdout, "encoding", None) or "utf-8")
            text = json.dumps(whole, ensure_ascii=encoding.lower().replace("-", "") != "utf8", indent=2)
            self._write_data(text.encode("utf-8", "surrogateescape"), text)

    def say(self, text: str) -> None:
        """Tell the person something, on stderr."""
        self._tell(text)

    def draw(self, text: str) -> None:
        """Put a line on a terminal that the next one takes the place of; "" takes it away."""
        stream, columns = self.environment.stderr, shutil.get_terminal_size().columns
        with suppress(OSError, ValueError):
            stream.write(f"\r\x1b[2K{shortened(text, columns - 1)}")
            stream.flush()

    def warn(self, text: str) -> None:
        """Warn in one line, on stderr, whatever the mode."""
        self._tell(f"warning: {text}")

    def hint(self, text: str) -> None:
        """Name the next command to type, on stderr."""
        self.say(f"→ {text}")

    def error(self, problem: FluxctlError) -> None:
        """Print what happened, why, and what to type next, on stderr."""
        self._tell(f"error: {problem.message}")
        if problem.hint:
            self._tell(f"→ {problem.hint}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows of text under column heads on stdout, aligned; cells are never cut."""
        if self.json_mode:
            return
        widths = [max(width_of(column), *(width_of(row[place]) for row in rows), 0) for place, column in enumerate(columns)]
        for row in (columns, *rows):
            cells = (cell + " " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True))
            self.line("  ".join(cells).rstrip())

    def confirm(self, question: str, *, yes: bool, flag: str = "--yes") -> None:
        """Ask before something costs or is lost; raise DeclinedError on no, and where nobody can answer and `yes` is not set."""
        if yes:
            return
        if not self.environment.is_interactive:
            why = f"{question} Nobody can answer here (no terminal), so nothing was done"
            raise DeclinedError(why, hint=f"say it with {flag}", code="no_terminal")
        self.environment.stderr.write(f"{question} [y/N] ")
        self.environment.stderr.flush()
        if self.environment.stdin.readline().strip().lower() not in ("y", "yes"):
            raise DeclinedError("declined; nothing was done")

    @property
    def is_live(self) -> bool:
        """Whether lines on stderr can be redrawn: a terminal that is not dumb."""
        return self.environment.stderr.isatty() and self.environment.variables.get("TERM") != "dumb"

    @property
    def is_coloured(self) -> bool:
        """Whether colour is wanted on stderr (https://no-color.org)."""
        return self.is_live and not self.environment.variables.get("NO_COLOR")

    def _tell(self, text: str) -> None:
        """Write talk; where stderr cannot take it there is nobody to tell that to."""
        stream = self.environment.stderr
        encoding = getattr(stream, "encoding", None) or "utf-8"
        with suppress(OSError, ValueError):
            stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
            stream.flush()

    def _write_data(self, raw: bytes, text: str) -> None:
        """Write data, as bytes where the stream takes them; leave quietly when its reader has gone."""
        stream = self.environment.stdout
        buffer: Any = getattr(stream, "buffer", None)
        try:
            if buffer is None:
                stream.write(text + "\n")
            else:
                stream.flush()
                buffer.write(raw + b"\n")
            stream.flush()
        except BrokenPipeError:
            _silence(stream)
        except OSError as error:
            _silence(stream)
            raise OutputLostError(f"stdout cannot be written: {error.strerror}", hint="print somewhere else") from error


def _silence(stream: TextIO) -> None:
    """Let what is still buffered, and whatever comes, go nowhere: Python would fail once more at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
