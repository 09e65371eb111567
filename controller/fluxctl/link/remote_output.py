"""Runs a command in a pod over its kept connection, and keeps what it prints."""

from fluxctl.environment import Environment
from fluxctl.link.remote_pod import RemotePod
from fluxctl.link.remote_shell import remote_line
from fluxctl.link.ssh_options import SshSettings, through_master
from fluxctl.link.ssh_process import Ran, run
from fluxctl.link.tunnel import Tunnel


def output_of(environment: Environment, remote: RemotePod, settings: SshSettings, line: str, limit_seconds: float) -> Ran:
    """Given a line for the pod's shell, return what it did; raise what `Tunnel.open` raises."""
    tunnel = Tunnel(environment, remote, settings)
    tunnel.open()
    *ssh, host = through_master(tunnel.place.control, tunnel.host)
    return run([*ssh, "-T", host, remote_line([line])], environment.variables, limit_seconds)
