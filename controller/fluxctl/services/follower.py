"""Decides whether a job is being followed by a living command, so that two commands never save one picture twice."""

import fcntl
import os
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from fluxctl.errors import SettingsError

FOLDER = "followers"


@contextmanager
def follower(state: Path) -> Generator[str]:
    """Given the state folder, yield the name of a new follower that lives until the block, or the process, ends."""
    name = uuid.uuid4().hex
    with hold(state, name):
        yield name


@contextmanager
def hold(state: Path, name: str) -> Generator[bool]:
    """Given a follower's name, take its place; yield False when it still lives."""
    path = state / FOLDER / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        hint = "mend this folder, or name another with FLUXCTL_HOME=FOLDER"
        raise SettingsError(f"{path.parent} cannot be used: {error.strerror}", hint=hint, code="state_folder") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
