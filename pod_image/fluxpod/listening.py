"""Opens what the worker listens on: a unix socket that only this user can reach, or a port of this machine alone."""

import contextlib
import errno
import os
import socket
import stat
from pathlib import Path
from typing import NamedTuple, Self


class SocketError(Exception):
    """The socket cannot be opened safely; the text says why and what to do."""


class Place(NamedTuple):
    """A socket's file, told from another one that lies at its path later."""

    path: Path
    device: int
    inode: int
    changed_ns: int
    """Inodes are given out again; this says which file it was."""

    @classmethod
    def of(cls, path: Path) -> Self:
        """Given a path, return the place of what lies there now; raise OSError."""
        found = path.lstat()
        return cls(path, found.st_dev, found.st_ino, found.st_ctime_ns)

    def clear(self) -> None:
        """Remove the file, unless it has gone or a successor's lies there."""
        with contextlib.suppress(FileNotFoundError):
            if Place.of(self.path) == self:
                self.path.unlink()


def listen_on_port(port: int) -> socket.socket:
    """Given a TCP port, return a socket that listens on it, for this machine alone; raise SocketError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Connections of a worker that has just died linger in the system for a minute.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SocketError(f"another process has taken port {port}; set FLUXPOD_PORT to a free one") from error
        raise SocketError(f"cannot listen on port {port}: {error}") from error
    return listener


def listen(path: Path) -> tuple[socket.socket, Place]:
    """Given a path (a stale socket there is replaced), return a listening socket of mode 600 and its file; raise SocketError.

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
        place = Place.of(path)
    except OSError as error:
        listener.close()
        raise SocketError(f"cannot listen on {path}: {error}") from error
    finally:
        os.umask(earlier)
    return listener, place
