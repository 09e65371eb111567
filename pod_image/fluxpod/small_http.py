"""Asks a worker over its unix socket or port: one request a connection, bounded in time and size, without http.client's megabytes."""

import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_ANSWER_BYTES = 65536
Address = Path | tuple[str, int]
"""A unix socket, or host and TCP port."""


@dataclass(frozen=True)
class Answer:
    """A worker's answer; `body` is what its JSON says, None where it is none."""

    status: int
    body: Any


def ask(address: Address, token: str, method: str, route: str, body: Any, timeout_seconds: float) -> Answer | None:
    """Given an address, bearer token and a request, return the answer; None when there is no whole one in time."""
    latest = time.monotonic() + timeout_seconds
    content = b"" if body is None else json.dumps(body).encode()
    # HTTP/1.0: the answer ends with the connection and never comes in chunks.
    head = (
        f"{method} {route} HTTP/1.0\r\nHost: worker\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    try:
        with _connected(address, timeout_seconds) as connection:
            connection.sendall(head.encode() + content)
            received = _receive(connection, latest)
    except OSError:
        return None
    return _read(received)


def _connected(address: Address, timeout_seconds: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_seconds)
        connection.connect(str(address) if isinstance(address, Path) else address)
    except OSError:
        connection.close()
        raise
    return connection


def _receive(connection: socket.socket, latest: float) -> bytes:
    received = b""
    while len(received) <= LARGEST_ANSWER_BYTES:
        left = latest - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(4096)
        if not piece:
            return received
        received += piece
    raise OSError("the answer is too long")


def _read(received: bytes) -> Answer | None:
    head, _, content = received.partition(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return None
    try:
        return Answer(int(words[1]), json.loads(content) if content else None)
    except ValueError:
        return Answer(int(words[1]), None)
