"""Publishes a file under a name that did not exist: whole, synced, and never over another."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL, errno.EACCES})
"""What file systems without hard links answer, such as Windows drives under WSL, exFAT and some network shares."""


def publish(content: bytes, folder: Path, names: Iterator[str]) -> Path:
    """Given a file's content, an existing folder and names to try, return its path; raise OSError, and leave nothing, when it fails."""
    aside = folder / f".fluxctl-{secrets.token_hex(6)}.part"
    try:
        _write_synced(aside, content)
        path = next(folder / name for name in names if _take(aside, folder / name))
    finally:
        with contextlib.suppress(FileNotFoundError):
            aside.unlink()
    _sync_folder(folder)
    return path


def _take(aside: Path, path: Path) -> bool:
    """Give the file this name if nothing has it; return whether it has it now."""
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _take_by_reserving(aside, path)
    return True


def _take_by_reserving(aside: Path, path: Path) -> bool:
    """Like `_take` without hard links: make the name with an empty file of our own, then put the file in its place."""
    try:
        path.open("xb").close()
    except FileExistsError:
        return False
    try:
        aside.replace(path)
    except BaseException:
        # Ctrl-C too: half a picture is never left behind.
        path.unlink(missing_ok=True)
        raise
    return True


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the name last through a power cut, where the file system knows how."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
