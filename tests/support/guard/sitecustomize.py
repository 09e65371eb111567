"""Refuses every socket beyond this machine: loaded by each Python process of a test run, through PYTHONPATH."""

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

LOG = "SOCKET_GUARD_LOG"
WATCHED = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo")


class SocketBeyondThisMachine(OSError):
    """A test tried to leave this machine."""


def is_here(host: object) -> bool:
    """Return whether a host's name or address is this machine's."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.split("%")[0]).is_loopback
    except ValueError:
        return False


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: note and refuse what leaves this machine."""
    if event not in WATCHED:
        return
    address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    host = address[0] if isinstance(address, tuple) else address
    internet = event == "socket.getaddrinfo" or isinstance(address, tuple)
    if internet and not is_here(host):
        if log := os.environ.get(LOG):
            with Path(log).open("a") as file:
                file.write(f"{event} {host!r} by {sys.argv}\n")
        raise SocketBeyondThisMachine(f"{event} {host!r}: tests stay on this machine")


sys.addaudithook(watch)
