"""Looks whether the ledger can be read, without changing anything: no file is made, mended or set aside."""

import sqlite3
from contextlib import closing
from pathlib import Path

from fluxctl.errors import SettingsError
from fluxctl.ledger.schema import VERSION, version_of
from fluxctl.ledger.storage import LedgerError, failure, is_damaged

LOOK_SECONDS = 2.0


class DamagedLedgerError(LedgerError):
    """The file is broken: the next command that writes sets it aside and begins a new one."""

    default_code = "ledger_damaged"


def jobs_in(file: Path) -> int | None:
    """Given the ledger's file, return how many jobs it knows, None where there is no ledger yet.

    Raise DamagedLedgerError for a broken file, SettingsError for one of a newer fluxctl, LedgerError when it cannot be read now.
    """
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=LOOK_SECONDS)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise _damaged(file)
            version = version_of(connection)
            if version > VERSION:
                why = f"the ledger {file} was written by a newer fluxctl (version {version} of its tables, this one knows {VERSION})"
                raise SettingsError(why, hint="update fluxctl, or name another place with FLUXCTL_HOME=FOLDER", code="newer_ledger")
            return int(connection.execute("SELECT count(*) FROM jobs").fetchone()[0]) if version else 0
    except sqlite3.Error as problem:
        raise (_damaged(file) if is_damaged(problem) else failure(problem, file)) from problem


def _damaged(file: Path) -> DamagedLedgerError:
    why = f"the ledger {file} is damaged; the next command keeps it aside and begins a new one"
    return DamagedLedgerError(why, hint="fluxctl jobs; pods that it knew of: fluxctl ps --all")
