"""Decides where the local worker's socket lies: a short path (a socket's is limited to about 104 bytes) that only this user can enter."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from fluxctl.errors import ProviderError

LONGEST_SOCKET_BYTES = 100
"""macOS allows 103, Linux 107."""


def socket_path(variables: Mapping[str, str], pod_id: str) -> Path:
    """Given the user's variables, make the folder and return the socket's path in it; raise ProviderError when the folder is not safe."""
    runtime = variables.get("XDG_RUNTIME_DIR", "")
    if runtime and _is_private(Path(runtime)):
        folder = Path(runtime) / "fluxctl"
        if len(os.fsencode(folder / f"{pod_id}.sock")) <= LONGEST_SOCKET_BYTES:
            return _safe(folder) / f"{pod_id}.sock"
    return _safe(Path(f"/tmp/fluxctl-{os.getuid()}")) / f"{pod_id}.sock"  # noqa: S108 - checked below, and short


def _safe(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ProviderError(f"the folder for the worker's socket cannot be made: {error}", hint="set XDG_RUNTIME_DIR") from error
    if not _is_private(folder):
        raise ProviderError(
            f"{folder} is not a folder that only you can enter, so the worker's socket would not be safe there",
            hint=f"look at it (ls -ld {folder}) and remove it, or set XDG_RUNTIME_DIR to a folder of your own (chmod 700)",
            code="unsafe_socket_folder",
        )
    return folder


def _is_private(folder: Path) -> bool:
    """Return whether it is a real folder of this user that nobody else can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
