"""Brings one picture's file home: takes it up where it broke, and checks it against the worker's hash."""

import hashlib
from collections.abc import Callable

from fluxctl.errors import NotSavedError
from fluxctl.link.connection import Connection
from fluxctl.link.errors import WorkerUnreachableError
from fluxpod.protocol import PictureResult

MOST_ATTEMPTS = 4


def download(connection: Connection, job_id: str, picture: PictureResult, sleep: Callable[[float], None]) -> bytes:
    """Given a finished picture of a job, return its PNG file; raise WorkerUnreachableError when the worker goes away meanwhile,
    NotSavedError when what arrives never matches `file_sha256`."""
    path = f"/v1/jobs/{job_id}/pictures/{picture.index}"
    received = bytearray()
    for attempt in range(MOST_ATTEMPTS):
        try:
            _receive(connection, path, picture, received)
        except WorkerUnreachableError:
            if attempt + 1 == MOST_ATTEMPTS:
                raise
            sleep(0.1 * 2**attempt)
            continue
        if hashlib.sha256(received).hexdigest() == picture.file_sha256:
            return bytes(received)
        received.clear()
    raise NotSavedError(
        f"picture {picture.index} of job {job_id} arrives damaged each time; it stays on the worker",
        hint=f"fluxctl fetch {job_id}",
        code="picture_damaged",
    )


def _receive(connection: Connection, path: str, picture: PictureResult, received: bytearray) -> None:
    """Add to `received` what is missing; start afresh where the worker sends the whole file."""
    part = 0 < len(received) < picture.file_bytes
    headers = {"Range": f"bytes={len(received)}-", "If-Range": f'"{picture.file_sha256}"'} if part else {}
    with connection.stream(path, headers) as response:
        if response.status_code != 206:
            received.clear()
        for piece in response.iter_bytes():
            received += piece
            if len(received) > picture.file_bytes:
                return
