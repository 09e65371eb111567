"""Takes what a child writes: into a file of bounded size, to stdout with its name before it, and keeps the last lines; no secrets."""

import os
import sys
import threading
from collections import deque
from collections.abc import Collection
from pathlib import Path

from fluxpod.pod_contract import LOG_LINES

LARGEST_FILE_BYTES = 5_000_000
"""A longer file is put aside as `.1`; there are never more than two."""
LONGEST_LINE_BYTES = 16_384
_stdout_lock = threading.Lock()


class ChildLog:
    """One child's log. A disk that is full, or an stdout that is closed, ends nothing."""

    def __init__(self, name: str, file: Path, secrets: Collection[str]) -> None:
        self._name = name
        self._file = file
        self._secrets = tuple(os.fsencode(secret) for secret in secrets)  # whatever bytes a variable holds
        self._lines: deque[str] = deque(maxlen=LOG_LINES)

    @property
    def last_lines(self) -> tuple[str, ...]:
        """Return the last lines, the oldest first."""
        return tuple(self._lines)

    @property
    def last_line(self) -> str:
        """Return the last line that says something."""
        return next((line for line in reversed(tuple(self._lines)) if line.strip()), "")

    def follow(self, descriptor: int) -> None:
        """Given a pipe's end, read it in a thread until the last writer has closed it, and close it."""
        threading.Thread(target=self._follow, args=(descriptor,), name=f"log-{self._name}", daemon=True).start()

    def write(self, text: str) -> None:
        """Take a line of the entrypoint's own about this child."""
        self._take(text.encode("utf-8", "replace"))

    def _follow(self, descriptor: int) -> None:
        rest = b""
        with os.fdopen(descriptor, "rb", buffering=0) as pipe:
            while piece := pipe.read(65536):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    self._take(line)
                while len(rest) > LONGEST_LINE_BYTES:
                    self._take(rest[:LONGEST_LINE_BYTES])
                    rest = rest[LONGEST_LINE_BYTES:]
        if rest:
            self._take(rest)

    def _take(self, line: bytes) -> None:
        for secret in self._secrets:
            line = line.replace(secret, b"[secret]")
        line = line.rstrip(b"\r")
        self._lines.append(line.decode("utf-8", "replace"))
        self._keep(line + b"\n")
        say(f"{self._name}: ".encode() + line)

    def _keep(self, line: bytes) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("ab") as file:
                file.write(line)
                too_long = file.tell() > LARGEST_FILE_BYTES
            if too_long:
                self._file.replace(self._file.with_name(f"{self._file.name}.1"))
        except OSError:
            return  # the container's own log has the line


def say(line: bytes) -> None:
    """Write one line to stdout, the container's log."""
    with _stdout_lock:
        try:
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()
        except (OSError, ValueError):
            return
