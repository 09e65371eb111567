"""Reaching a pod on another machine: its worker, its entrypoint, a shell in it, all over one kept ssh connection."""

from collections.abc import Sequence
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.link.client import WorkerClient
from fluxctl.link.code_copy import copy_folder
from fluxctl.link.connection import Timeouts
from fluxctl.link.entrypoint import ask_restart, ask_state
from fluxctl.link.remote_pod import RemotePod
from fluxctl.link.remote_shell import run_in_pod
from fluxctl.link.ssh_options import SshAddress, SshSettings, through_master
from fluxctl.link.tunnel import Tunnel, close_tunnel
from fluxpod.pod_contract import EntrypointState

__all__ = ["RemotePod", "SshAddress", "connect", "copy_code", "disconnect", "entrypoint_state", "restart_worker", "run_shell"]


def connect(environment: Environment, remote: RemotePod, settings: SshSettings, timeouts: Timeouts) -> WorkerClient:
    """Return a client for the pod's worker, which may not answer yet; nothing is sent before the first request.

    The connection is built when it is needed, and anew when it broke; see `Tunnel.open` for what every method may raise then.
    """
    tunnel = Tunnel(environment, remote, settings)
    return WorkerClient(
        tunnel.place.worker,
        remote.worker_token,
        timeouts=timeouts,
        is_alive=remote.is_alive,
        monotonic=environment.monotonic,
        sleep=environment.sleep,
        way=tunnel.open,
    )


def entrypoint_state(environment: Environment, remote: RemotePod, settings: SshSettings) -> EntrypointState | None:
    """Return what the pod's entrypoint says of its worker; None when it does not answer. Raise what `Tunnel.open` raises."""
    tunnel = Tunnel(environment, remote, settings)
    tunnel.open()
    return ask_state(tunnel.place.entrypoint)


def restart_worker(environment: Environment, remote: RemotePod, settings: SshSettings) -> None:
    """Have the pod's worker ended, its running job resumable, and started again; raise WorkerUnreachableError when nobody does it."""
    tunnel = Tunnel(environment, remote, settings)
    tunnel.open()
    ask_restart(tunnel.place.entrypoint)


def run_shell(
    environment: Environment, remote: RemotePod, settings: SshSettings, command: Sequence[str] = (), *, terminal: bool = False
) -> int:
    """Run a shell in the pod, or a command, with this process's own streams, and return its exit code; `terminal`: the command
    gets one, as a shell does where stdin is one."""
    tunnel = Tunnel(environment, remote, settings)
    tunnel.open()
    return run_in_pod(through_master(tunnel.place.control, tunnel.host), command, environment.variables, terminal=terminal)


def copy_code(environment: Environment, remote: RemotePod, settings: SshSettings, source: Path) -> None:
    """Make the pod's folder for synced code hold exactly this package; raise WorkerUnreachableError when that fails."""
    tunnel = Tunnel(environment, remote, settings)
    tunnel.open()
    copy_folder(tunnel.place.control, tunnel.host, source, f"{remote.synced_code}/{source.name}", environment.variables)


def disconnect(environment: Environment, pod_id: str) -> None:
    """End the kept connection to a pod, and remove its sockets; a pod without one is no error."""
    close_tunnel(environment, pod_id)
