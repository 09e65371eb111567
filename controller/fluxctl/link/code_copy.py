"""Copies a package into a pod with rsync, over the pod's kept connection."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from fluxctl.link.errors import SshMissingError, WorkerUnreachableError
from fluxctl.link.ssh_options import through_master
from fluxctl.link.ssh_process import run

COPY_SECONDS = 120.0
"""A few hundred small files."""
NEW_IMAGE = "make push IMAGE=REGISTRY/YOU/fluxctl-pod, then fluxctl down and up"
_NOT_FOUND = 127


def copy_folder(control: Path, host: str, source: Path, target: str, variables: Mapping[str, str]) -> None:
    """Given the socket of a master and what it calls the pod, make the pod's folder `target` hold exactly what `source` does, leftovers
    of Python aside; raise SshMissingError without rsync here, WorkerUnreachableError when it fails."""
    *ssh, _ = through_master(control, host)
    parent = shlex.quote(target.rpartition("/")[0] or "/")
    command = [
        "rsync",
        "--recursive",
        "--links",
        "--perms",
        "--times",
        "--delete",
        "--delay-updates",
        "--exclude=__pycache__",
        f"--rsh={shlex.join(ssh)}",
        f"--rsync-path=mkdir -p {parent} && rsync",
        f"{source}/",
        f"{host}:{target}/",
    ]
    ran = run(command, variables, COPY_SECONDS)
    if ran.code == 0:
        return
    said = " ".join(ran.err.split())[-300:]
    if ran.code == _NOT_FOUND or "rsync: command not found" in said or "rsync: not found" in said:
        why = "the pod has no rsync: its image is another one than fluxctl's"
        raise SshMissingError(why, hint=NEW_IMAGE)
    why = "it took too long" if ran.code is None else said or f"rsync ended with {ran.code}"
    raise WorkerUnreachableError(f"the code could not be copied into the pod: {why}", hint="fluxctl sync", code="sync_failed")
