"""Writes files that are either whole or absent, also after a `kill -9` or a power cut, also on a network volume.

Standard library only: the watchdog needs it."""

import errno
import os
from pathlib import Path

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PROBE_BYTES = 4 * 1024 * 1024
"""A picture: a volume that cannot hold one more is full, though an empty folder still fits."""
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES})
"""Some network file systems cannot sync a folder; they order a rename after the file's data by themselves."""


def write_whole(path: Path, data: bytes) -> None:
    """Given bytes for `path`, whose folder exists, put them there in one step, on the disk before this returns, for this user alone;
    raise OSError and leave nothing behind."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with aside.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Given a folder that may not exist, make it, parents too, and sync the place where it appears."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Given a folder, bring its entries to the disk; raise OSError unless the file system merely cannot do that."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


def is_full(error: BaseException) -> bool:
    """Given an error, return whether it says that the disk, a quota or a size limit is full."""
    return isinstance(error, OSError) and error.errno in _FULL


def why_not_writable(folder: Path) -> str:
    """Given a folder, return why files cannot be written there; empty when they can."""
    probe = folder / f".probe.{os.getpid()}"
    try:
        write_whole(probe, b"x" * _PROBE_BYTES)
        probe.unlink()
    except OSError as error:
        return f"nothing can be kept in {folder}: {error.strerror or error}"
    return ""
