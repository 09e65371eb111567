"""Starts a process that outlives fluxctl: a session of its own, no terminal, its words in a log file."""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from fluxctl.errors import ProviderError
from fluxctl.pods.pod import LogTail

LARGEST_LOG_BYTES = 5_000_000
"""A log that is longer at the start of a process is put aside as `.1`."""
_MARK = "=== started "
_SECRETS = ("RUNPOD_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN")
_NOT_HANDED_ON = (*_SECRETS, "PYTHONWARNINGS", "PYTHONSTARTUP", "PYTHONINSPECT")


def process_environment(variables: Mapping[str, str], working_folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Given the user's variables, return a detached process's: without keys, with PYTHONPATH made absolute, and with `extra`."""
    kept = {name: value for name, value in variables.items() if name not in _NOT_HANDED_ON and not name.startswith("FLUXPOD_")}
    if kept.get("PYTHONPATH"):
        kept["PYTHONPATH"] = os.pathsep.join(str(working_folder / part) for part in kept["PYTHONPATH"].split(os.pathsep) if part)
    return {**kept, "PYTHONUNBUFFERED": "1", **extra}


def start_detached(command: Sequence[str], environment: Mapping[str, str], log: Path, now: float) -> "subprocess.Popen[bytes]":
    """Start a command, writing to `log` from a line that bears the time `now`; raise ProviderError when it cannot be started."""
    try:
        _put_aside(log)
        log.touch(mode=0o600)
        with log.open("ab") as stream:
            stream.write(f"{_MARK}{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ} {' '.join(command)}\n".encode())
            stream.flush()
            process = subprocess.Popen(
                command, env=dict(environment), cwd="/", stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True
            )
    except OSError as error:
        raise ProviderError(f"{command[0]} cannot be started: {error}", hint="fluxctl status") from error
    # Somebody has to take note of its end while this process lives; afterwards the system does.
    threading.Thread(target=process.wait, daemon=True, name=f"wait-{process.pid}").start()
    return process


def tail(log: Path, lines: int) -> LogTail:
    """Return the last lines that the process started last has written."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - 200 * max(lines, 1) - 10_000))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return LogTail((), str(log))
    text = text.rpartition(_MARK)[2] if _MARK in text else f"\n{text}"
    written = text.splitlines()[1:]
    return LogTail(tuple(written[max(0, len(written) - lines) :]), str(log))


def _put_aside(log: Path) -> None:
    try:
        if log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))
    except FileNotFoundError:
        return
