"""Opens the unix socket on which the worker listens: only this user can reach it."""

import os
import socket
import stat
from pathlib import Path


class SocketError(Exception):
    """The socket cannot be opened safely; the text says why and what to do."""


def listen(path: Path) -> socket.socket:
    """Given a path (a stale socket there is replaced), return a listening socket of mode 600; raise SocketError.

    The caller holds the worker's lock, so that no living worker listens there.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(path.parent.stat().st_mode) & 0o077:
        raise SocketError(f"{path.parent} is open to others; chmod 700 {path.parent}")
    if path.exists() and not path.is_socket():
        raise SocketError(f"{path} is not a socket; move it away")
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    earlier = os.umask(0o177)
    try:
        listener.bind(str(path))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SocketError(f"cannot listen on {path}: {error}") from error
    finally:
        os.umask(earlier)
    return listener
