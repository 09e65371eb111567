"""Reads what a command prints in a pod, over its kept connection: all of it at once, or line by line."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress

from fluxctl.environment import Environment
from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.link.remote_pod import RemotePod
from fluxctl.link.remote_shell import remote_line
from fluxctl.link.ssh_options import SshSettings, through_master
from fluxctl.link.ssh_process import Ran, not_installed, run
from fluxctl.link.tunnel import Tunnel

ANSWER_SECONDS = 15.0
_SSH_FAILED = 255


def output_of(environment: Environment, remote: RemotePod, settings: SshSettings, command: Sequence[str]) -> str:
    """Return what a command prints in the pod, whatever its exit code; raise WorkerUnreachableError when it cannot be run there."""
    return ran_in_pod(environment, remote, settings, command).out


def ran_in_pod(
    environment: Environment, remote: RemotePod, settings: SshSettings, command: Sequence[str], limit_seconds: float = ANSWER_SECONDS
) -> Ran:
    """Return what a command did in the pod; raise WorkerUnreachableError when it cannot be run there, or not within the limit."""
    ran = run(_words(environment, remote, settings, command), environment.variables, limit_seconds)
    if ran.code is None or ran.code == _SSH_FAILED:
        why = " ".join(ran.err.split())[:300] or f"no answer within {limit_seconds:.0f} s"
        raise WorkerUnreachableError(f"nothing can be asked inside the pod: {why}", hint="fluxctl status", code="ssh_closed")
    return ran


def lines_of(environment: Environment, remote: RemotePod, settings: SshSettings, command: Sequence[str]) -> Iterator[str]:
    """Yield the lines that a command prints in the pod as they come, until it ends or the connection does."""
    words = _words(environment, remote, settings, command)
    try:
        process = subprocess.Popen(
            words,
            env=dict(environment.variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise not_installed("ssh") from error
    with process:
        try:
            for line in process.stdout or ():
                yield line.decode("utf-8", "replace").rstrip("\r\n")
        finally:
            # The command there follows its stdin: closing that ends it, also where a signal would not arrive.
            with suppress(OSError, ValueError):
                if process.stdin is not None:
                    process.stdin.close()
            process.terminate()


def _words(environment: Environment, remote: RemotePod, settings: SshSettings, command: Sequence[str]) -> list[str]:
    tunnel = Tunnel(environment, remote, settings)
    tunnel.open()
    *ssh, host = through_master(tunnel.place.control, tunnel.host)
    return [*ssh, "-T", host, remote_line(command)]
