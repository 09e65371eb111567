"""Opens the ledger's file: where it may lie, who may read it, and what happens to a damaged one."""

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Generator
from pathlib import Path

from fluxctl.errors import FluxctlError, SettingsError
from fluxctl.ledger.schema import VERSION, migrate, version_of

FILE_NAME = "ledger.db"
BUSY_TIMEOUT_SECONDS = 10.0
"""How long one process waits for another's write, which takes milliseconds."""
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class LedgerError(FluxctlError):
    """The ledger cannot be read or written now: disk full, read-only, locked for too long."""

    default_code = "ledger"


def is_damaged(problem: sqlite3.Error) -> bool:
    """Given what SQLite raised, return whether the file itself is broken, and not the moment."""
    return (getattr(problem, "sqlite_errorcode", 0) & 0xFF) in DAMAGED


def prepare_folder(folder: Path) -> None:
    """Make the state folder, for this user only; raise SettingsError when that is impossible."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise SettingsError(
            f"the folder for fluxctl's own records cannot be used: {folder} ({error.strerror})",
            hint="name another with FLUXCTL_HOME=FOLDER, or mend this one",
            code="state_folder",
        ) from error


@contextlib.contextmanager
def only_one(folder: Path) -> Generator[None]:
    """Hold the lock under which a ledger is begun, brought to a new version or set aside."""
    descriptor = os.open(folder / "ledger.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def connect(file: Path) -> sqlite3.Connection:
    """Given the ledger's file, which may not exist yet, return it open and of this version; raise sqlite3.Error, SettingsError."""
    _make_private(file)
    connection = sqlite3.connect(file, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _bring_to_version(connection, file)
    except BaseException:
        # Ctrl-C too: an open connection would keep the file locked.
        connection.close()
        raise
    return connection


def _make_private(file: Path) -> None:
    """Make the file for this user only. One that is there is never opened here: closing it would drop the locks of every connection
    that this process has to it, and another process would then delete the log of what it writes."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)


def _bring_to_version(connection: sqlite3.Connection, file: Path) -> None:
    version = version_of(connection)
    if version > VERSION:
        raise SettingsError(
            f"the ledger {file} was written by a newer fluxctl (version {version} of its tables, this one knows {VERSION})",
            hint="update fluxctl, or name another place with FLUXCTL_HOME=FOLDER",
            code="newer_ledger",
        )
    if version < VERSION:
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)


def replace_damaged(file: Path, now: float) -> list[str]:
    """Given a ledger in which damage was seen, set it aside unless another process just did; return what to tell the person."""
    with only_one(file.parent):
        if _is_sound(file):
            return []
        aside = _set_aside(file, now)
    return [f"the ledger was damaged: it is kept as {aside}, and a new one was begun. Pictures and jobs themselves are untouched."]


def failure(problem: sqlite3.Error | OSError, file: Path) -> LedgerError:
    """Given what went wrong and the ledger's file, return the error to raise."""
    reason = problem.strerror if isinstance(problem, OSError) else str(problem)
    return LedgerError(f"the ledger {file} cannot be used: {reason}", hint=f"look at it: ls -la {file.parent} && df -h {file.parent}")


def _is_sound(file: Path) -> bool:
    """Return whether the file can be opened and read from end to end."""
    try:
        with contextlib.closing(connect(file)) as connection:
            return connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as problem:
        if is_damaged(problem):
            return False
        raise


def _set_aside(file: Path, now: float) -> Path:
    """Given a damaged ledger and the time, move it and what belongs to it away, over nothing; return its new place."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    aside = file.with_name(f"{file.name}.damaged-{stamp}")
    count = 1
    while aside.exists():
        count += 1
        aside = file.with_name(f"{file.name}.damaged-{stamp}-{count}")
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            file.with_name(file.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside
