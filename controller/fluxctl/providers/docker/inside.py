"""Reads what lies inside a container: logs, the watchdog's words, jobs; asking changes nothing."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from fluxctl.errors import ProviderError
from fluxctl.providers.docker.container import PATHS
from fluxctl.providers.docker.engine import Engine
from fluxctl.providers.docker.found import at

_WATCH = """\
state=$1; lock=$2
if [ -e "$lock" ] && ! flock --shared --nonblock "$lock" true; then echo alive; else echo gone; fi
cat "$state" 2>/dev/null
"""
"""Prints whether the watchdog holds its lock, then what it said."""
_FOLLOW = """\
tail -n "$1" -F "$2" 2>/dev/null & follower=$!
cat >/dev/null
kill "$follower"
"""
"""Follows a file until stdin is closed, which happens when fluxctl goes away, however it does."""
_JOBS = 'find "$1/open" "$1/pictures" -name "*.json" -o -name "*.png"'


@dataclass(frozen=True)
class Inside:
    """One container of ours."""

    engine: Engine
    pod_id: str

    def log(self, file: Path, lines: int) -> tuple[str, ...]:
        """Return the last lines of a log file; what the container printed where there is no such file."""
        text = self._tail(file, lines)
        if text is None:
            text = self._printed(lines)
        return tuple(text.splitlines()[-lines:]) if lines else ()

    def follow(self, file: Path, lines: int) -> Iterator[str]:
        """Yield the last lines of a log file, then each new one, until the container ends."""
        api = self.engine.sdk().api
        command = ["sh", "-c", _FOLLOW, "sh", str(lines), str(file)]
        with self.engine.told(f"the log of {self.pod_id} cannot be followed"):
            execution = api.exec_create(self.pod_id, command, stdin=True, stdout=True, stderr=True)
            connection = api.exec_start(execution["Id"], socket=True, demux=False)
        try:
            yield from _lines(connection)
        finally:
            connection.close()

    def watchdog(self) -> tuple[bool, str]:
        """Return whether the watchdog lives, and the JSON that it wrote, "" if there is none."""
        said = self.output(["sh", "-c", _WATCH, "sh", str(PATHS.watchdog_state), str(PATHS.watchdog_lock)])
        alive, _, state = said.partition("\n")
        return alive == "alive", state

    def job_files(self) -> tuple[Path, ...]:
        """Return the files of jobs on the volume: records that wait, and pictures."""
        return tuple(Path(line) for line in self.output(["sh", "-c", _JOBS, "sh", str(PATHS.jobs)]).splitlines())

    def output(self, command: list[str]) -> str:
        """Return what a command prints in the container; raise ProviderError when it cannot be run."""
        api = self.engine.sdk().api
        with self.engine.told(f"nothing can be asked inside the container {self.pod_id}"):
            execution = api.exec_create(self.pod_id, command, stdout=True, stderr=False)
            said: bytes = api.exec_start(execution["Id"])
        return said.decode("utf-8", "replace")

    def _tail(self, file: Path, lines: int) -> str | None:
        """Return the end of a file, also of a container that has ended; None where there is none."""
        if at(self.engine.look(f"/containers/{self.pod_id}/json"), "State", "Running"):
            said = self.output(["sh", "-c", 'test -s "$2" && tail -n "$1" "$2"', "sh", str(lines), str(file)])
            return said or None
        try:
            api = self.engine.sdk().api
            with self.engine.told(f"{file} cannot be read"):
                pieces, _ = api.get_archive(self.pod_id, str(file))
                content = b"".join(pieces)
        except ProviderError:
            return None
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                stream = archive.extractfile(member)
                return stream.read().decode("utf-8", "replace") or None if stream else None
        return None

    def _printed(self, lines: int) -> str:
        """Return the last lines that the container itself printed."""
        api = self.engine.sdk().api
        try:
            with self.engine.told(f"the log of {self.pod_id} cannot be read"):
                said: bytes = api.logs(self.pod_id, tail=max(1, lines))
        except ProviderError:
            return ""
        return said.decode("utf-8", "replace")


def _lines(connection: Any) -> Iterator[str]:
    """Given the engine's stream of an execution, yield its lines."""
    rest = b""
    frames: Iterator[tuple[int, bytes]] = import_module("docker.utils.socket").frames_iter(connection, tty=False)
    for _, piece in frames:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")
