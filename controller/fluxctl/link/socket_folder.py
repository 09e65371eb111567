"""Decides where sockets of this computer lie: a short path (a socket's is limited to about 104 bytes) that only this user can enter."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from fluxctl.errors import ProviderError

LONGEST_SOCKET_BYTES = 100
"""macOS allows 103, Linux 107."""
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
"""What ssh reads in an option as it stands, without quotes and without a meaning of its own."""


def socket_path(variables: Mapping[str, str], pod_id: str) -> Path:
    """Given the user's variables, make the folder and return the path of a local pod's socket in it; raise ProviderError when the
    folder is not safe."""
    name = f"{pod_id}.sock"
    return socket_folder(variables, name) / name


def socket_folder(variables: Mapping[str, str], longest_name: str) -> Path:
    """Given the user's variables and the longest name that will lie in it, make the folder and return it; raise ProviderError when it
    is not safe."""
    runtime = variables.get("XDG_RUNTIME_DIR", "")
    if _PLAIN.fullmatch(runtime) and is_private(Path(runtime)):
        folder = Path(runtime) / "fluxctl"
        if len(os.fsencode(folder / longest_name)) <= LONGEST_SOCKET_BYTES:
            return private_folder(folder)
    return private_folder(Path(f"/tmp/fluxctl-{os.getuid()}"))  # noqa: S108 - checked below, and short


def private_folder(folder: Path) -> Path:
    """Make a folder that only this user can enter and return it; raise ProviderError when it is another one."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ProviderError(f"the folder for the worker's socket cannot be made: {error}", hint="set XDG_RUNTIME_DIR") from error
    if not is_private(folder):
        raise ProviderError(
            f"{folder} is not a folder that only you can enter, so the worker's socket would not be safe there",
            hint=f"look at it (ls -ld {folder}) and remove it, or set XDG_RUNTIME_DIR to a folder of your own (chmod 700)",
            code="unsafe_socket_folder",
        )
    return folder


def is_private(folder: Path) -> bool:
    """Return whether it is a real folder of this user that nobody else can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
