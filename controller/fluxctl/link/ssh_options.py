"""Decides with which options ssh is run: what the user's configuration may not change, and what is left to it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fluxctl.errors import ProviderError

UNANSWERED = 2
"""So many questions in a row without an answer, and the connection is given up."""
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,254}|:[A-Fa-f0-9:]{1,45}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True)
class SshAddress:
    """Where a pod's sshd listens, by now."""

    host: str
    port: int
    user: str = "root"


class SshSettings(Protocol):
    """The part of the settings that ssh is run by."""

    @property
    def ssh_key(self) -> str | None:
        """`link.ssh_key`"""
        ...

    @property
    def connect_timeout_seconds(self) -> float:
        """`link.connect_timeout_seconds`"""
        ...

    @property
    def ssh_alive_seconds(self) -> int:
        """`link.ssh_alive_seconds`"""
        ...

    @property
    def ssh_keep_seconds(self) -> int:
        """`link.ssh_keep_seconds`"""
        ...


def pod_host(pod_id: str) -> str:
    """Given a pod's id, return the name under which ssh knows it: for the user's `Host fluxctl-*`, and for the pinned key."""
    if not _NAME.fullmatch(pod_id):
        raise ProviderError(f"the pod's id is none that can be used: {pod_id[:80]!r}", hint="fluxctl status", code="bad_pod_id")
    return f"fluxctl-{pod_id.removeprefix('fluxctl-')}"


def master_options(
    host: str, address: SshAddress, settings: SshSettings, *, known_hosts: Path, identity: Path, command_vouches: bool = False
) -> list[str]:
    """Return the options of the one kept connection to a pod, and with them every promise about it; raise ProviderError for an
    address that is none. `command_vouches`: the user's configuration names a command that vouches for host keys, which is not asked."""
    if not _HOST.fullmatch(address.host) or not _NAME.fullmatch(address.user) or not 0 < address.port < 65536:
        raise ProviderError(
            f"the pod's address is none: {address.host[:80]!r} port {address.port}", hint="fluxctl status", code="bad_address"
        )
    checked = {
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": known_hosts,
        "GlobalKnownHostsFile": "/dev/null",
        "HostKeyAlias": host,
        "HostKeyAlgorithms": "ssh-ed25519",
        "UpdateHostKeys": "no",
        "VerifyHostKeyDNS": "no",
        "CheckHostIP": "no",
        **({"KnownHostsCommand": "none"} if command_vouches else {}),
    }
    reached = {
        "HostName": address.host,
        "CanonicalizeHostname": "no",
        "ConnectTimeout": math.ceil(settings.connect_timeout_seconds),
        "ServerAliveInterval": settings.ssh_alive_seconds,
        "ServerAliveCountMax": UNANSWERED,
        "TCPKeepAlive": "yes",
    }
    let_in = {
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "PreferredAuthentications": "publickey",
        "PubkeyAuthentication": "yes",
        "PasswordAuthentication": "no",
    }
    # The machine is rented: nothing of this computer goes there but what fluxctl sends.
    nothing_more = {
        "ForwardAgent": "no",
        "ForwardX11": "no",
        "Tunnel": "no",
        "PermitLocalCommand": "no",
        "RemoteCommand": "none",
        "ClearAllForwardings": "yes",
        "GatewayPorts": "no",
        "StreamLocalBindMask": "0177",
        "StreamLocalBindUnlink": "yes",
        "LogLevel": "ERROR",
    }
    kept = {"ControlMaster": "yes", "ControlPersist": settings.ssh_keep_seconds}
    named = {**checked, **reached, **let_in, **nothing_more, **kept}
    given = [word for name, value in named.items() for word in ("-o", f"{name}={value}")]
    return [*given, "-p", str(address.port), "-l", address.user, "-i", str(identity).replace("%", "%%")]


def through_master(control: Path, host: str, *options: str) -> Sequence[str]:
    """Return the beginning of a command that goes over a master that runs; of the user's configuration it needs nothing."""
    return ["ssh", "-F", "none", "-S", str(control), "-o", "ControlMaster=no", "-o", "LogLevel=ERROR", *options, host]
