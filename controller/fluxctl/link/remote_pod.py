"""A pod on another machine (or in a container), as the link needs to know it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fluxctl.link.ssh_options import SshAddress
from fluxpod.pod_contract import PodPaths

_IN_A_CONTAINER = PodPaths(Path("/"))


@dataclass(frozen=True)
class RemotePod:
    """What it takes to reach one."""

    pod_id: str
    worker_token: str = field(repr=False)
    worker_port: int
    """TCP port on the pod's own 127.0.0.1."""
    host_key: str
    """The public half: `ssh-ed25519 AAAA…`"""
    address: Callable[[], SshAddress] = field(repr=False)
    """Asked afresh at every connection."""
    is_alive: Callable[[], bool] = field(repr=False)
    """False only when the pod is known to have ended."""
    entrypoint_socket: str = str(_IN_A_CONTAINER.entrypoint_socket)
    synced_code: str = str(_IN_A_CONTAINER.synced_code)
    """Where `fluxctl sync` puts the package fluxpod."""
    volume: str = str(_IN_A_CONTAINER.volume)
    """Where what outlives the pod lies: downloads, caches, jobs."""
