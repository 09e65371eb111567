"""Runs a command, or a shell, in a pod over its kept connection, as if it ran here: streams untouched, exit code passed through."""

import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

from fluxctl.errors import InterruptedByUser
from fluxctl.link.ssh_process import exit_code, not_installed


def remote_line(command: Sequence[str]) -> str:
    """Given the words of a command, return the line for the pod's shell: one word is such a line already, several are these words.

    A shell around it tells an end by signal n as 128 + n; sshd would only say that there was one.
    """
    line = command[0] if len(command) == 1 else shlex.join(command)
    return f'"${{SHELL:-/bin/sh}}" -c {shlex.quote(line)}; exit $?'


def run_in_pod(begun: Sequence[str], command: Sequence[str], variables: Mapping[str, str], *, terminal: bool) -> int:
    """Given the beginning of a command that goes over a master, return the exit code of the shell or command there; raise
    InterruptedByUser after a Ctrl-C that reached this side."""
    *ssh, host = begun
    kind = ["-tt"] if terminal else [] if not command else ["-T"]
    words = [*ssh, *kind, host, *([remote_line(command)] if command else [])]
    try:
        process = subprocess.Popen(words, env=dict(variables))
    except FileNotFoundError as error:
        raise not_installed("ssh") from error
    interrupted = False
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            interrupted = True
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
            continue
        if interrupted:
            raise InterruptedByUser("interrupted; a command without a terminal may run on in the pod", hint="fluxctl ssh --tty -- COMMAND")
        return exit_code(code)
