"""Runs OpenSSH's programs: in a session of their own, never for longer than a limit, told apart from ones that are not installed."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from fluxctl.link.errors import SshMissingError

LOCAL_SECONDS = 5.0
"""For what asks nobody beyond this computer."""
_PACKAGES = {"rsync": "rsync"}
_WORDS = {"rsync": "rsync copies the code to the pod", "ssh": "it carries everything between this computer and a pod"}


@dataclass(frozen=True)
class Ran:
    """What a program did."""

    code: int | None
    """None: it took too long and was ended."""
    out: str
    err: str


def run(command: Sequence[str], variables: Mapping[str, str], limit_seconds: float | None = LOCAL_SECONDS) -> Ran:
    """Given a command, run it without stdin and out of reach of the terminal's Ctrl-C; raise SshMissingError when it is not installed.

    Its output goes to files, not pipes: a master that stays in the background would hold a pipe open.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                command, env=dict(variables), stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )
        except FileNotFoundError as error:
            raise not_installed(command[0]) from error
        try:
            code: int | None = process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            code = None
        except BaseException:
            # Ctrl-C too: an ssh in a session of its own would outlive this process.
            _end(process)
            raise
        return Ran(code, _text(out), _text(err))


def not_installed(program: str) -> SshMissingError:
    """Return the error for a program that is not on this computer."""
    package = _PACKAGES.get(program, "openssh-client")
    why = _WORDS.get(program, "it comes with ssh")
    return SshMissingError(f"{program} is not installed: {why}", hint=f"sudo apt install {package}   (macOS: brew install {package})")


def exit_code(returned: int) -> int:
    """Given what a process returned to Python, return it as a shell does: 128 + n for one that signal n ended."""
    return 128 - returned if returned < 0 else returned


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it with what it started: it leads a session, and so a group, of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
