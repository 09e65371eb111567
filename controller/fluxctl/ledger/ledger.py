"""The ledger of one user: notes jobs and pictures, and finds them again, newest first."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from fluxctl.environment import Environment
from fluxctl.errors import UsageError
from fluxctl.ledger.entries import JobEntry, JobState, PictureEntry, PromptRun
from fluxctl.ledger.rentals import Rentals
from fluxctl.ledger.storage import FILE_NAME, connect, failure, is_damaged, only_one, prepare_folder, replace_damaged
from fluxctl.settings.places import refuse_windows_drive

JOB_COLUMNS = 'id, provider, pod_id, model, "order", state, created_at, ended_at, picture_count'
PICTURE_COLUMNS = (
    'job_id, "index", path, seed, width, height, steps, sha256, prompt_typed, prompt_used, model, duration_seconds, created_at, cost_usd,'
    " identity"
)
_PUT_PICTURE = f"""INSERT INTO pictures ({PICTURE_COLUMNS}, searchable) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (job_id, "index") DO UPDATE SET path = excluded.path, sha256 = excluded.sha256, searchable = excluded.searchable,
    duration_seconds = excluded.duration_seconds, cost_usd = coalesce(excluded.cost_usd, cost_usd)"""  # noqa: S608 - constants
_ENTRIES_SHOWN = 20
_Result = TypeVar("_Result")


class Ledger:
    """An open ledger. Each call is one transaction; a file that turns out damaged is set aside, and a new one begun."""

    def __init__(self, file: Path, now: Callable[[], float]) -> None:
        """Open the ledger in a file whose folder exists; `now` is the wall clock in seconds since 1970."""
        self.file = file
        self.notes: list[str] = []
        """Sentences for the person: what happened to the ledger itself."""
        self._now = now
        self._connection: sqlite3.Connection | None = None
        self._mended(self._open)

    @classmethod
    def open(cls, environment: Environment) -> Self:
        """Return this user's ledger, begun if there is none; raise SettingsError for an unfit place, LedgerError if it cannot be read."""
        folder = environment.paths.state
        refuse_windows_drive(folder.resolve(), "the ledger", environment)
        prepare_folder(folder)
        return cls(folder / FILE_NAME, environment.now)

    def __enter__(self) -> Self:
        """Return the ledger itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def rentals(self) -> Rentals:
        """Return the part about rented pods."""
        return Rentals(self._rows)

    def add_job(self, job: JobEntry) -> None:
        """Note a job before a worker hears of it; the same id again changes nothing."""
        self._rows(f"INSERT INTO jobs ({JOB_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", job.row())  # noqa: S608

    def end_job(self, job_id: str, state: JobState, now: float) -> None:
        """Note what became of a job, and when, in seconds since 1970."""
        self._rows("UPDATE jobs SET state = ?, ended_at = ? WHERE id = ?", (state, now, job_id))

    def job(self, job_id: str) -> JobEntry | None:
        """Given an id or how it begins, return the job, None if there is none; raise UsageError when several begin so."""
        wanted = job_id.strip().lower()
        if not wanted:
            return None
        rows = self._rows(f"SELECT {JOB_COLUMNS} FROM jobs WHERE id >= ? AND id < ? ORDER BY id LIMIT 3", (wanted, wanted + "~"))  # noqa: S608
        exact = [row for row in rows if row[0] == wanted]
        if len(rows) > 1 and not exact:
            names = ", ".join(row[0][: len(wanted) + 6] for row in rows)
            raise UsageError(f"several jobs begin with {wanted!r}: {names}", hint="type more of the id: fluxctl jobs", code="ambiguous_job")
        found = exact or rows
        return JobEntry.from_row(found[0]) if found else None

    def unfinished_jobs(self) -> list[JobEntry]:
        """Return the open jobs, newest first: something may still come of them."""
        return self._jobs("WHERE state = 'open' ORDER BY created_at DESC, rowid DESC", ())

    def jobs(self, limit: int = _ENTRIES_SHOWN) -> list[JobEntry]:
        """Return the newest jobs, newest first."""
        return self._jobs("ORDER BY created_at DESC, rowid DESC LIMIT ?", (limit,))

    def add_picture(self, picture: PictureEntry) -> None:
        """Note a picture that was saved; the same place of the same job again changes where it lies, and adds nothing."""
        self._rows(_PUT_PICTURE, picture.row())

    def pictures_of(self, job_id: str) -> list[PictureEntry]:
        """Return the pictures of a job that were saved, in their order."""
        return self._pictures('WHERE job_id = ? ORDER BY "index"', (job_id,))

    def seconds_a_picture(self, model: str) -> dict[str, float]:
        """Given a model card's name, return for each GPU type that was rented how long a picture took on average."""
        statement = """SELECT pods.gpu_type, avg(pictures.duration_seconds) FROM pictures JOIN jobs ON jobs.id = pictures.job_id
            JOIN pods ON pods.id = jobs.pod_id WHERE pictures.model = ? AND pods.gpu_type IS NOT NULL GROUP BY pods.gpu_type"""
        return {gpu_type: float(seconds) for gpu_type, seconds in self._rows(statement, (model,))}

    def prompt_run(self, key: str) -> PromptRun | None:
        """Given what a prompt file and a place are known by, return their run, None if there was none."""
        rows = self._rows("SELECT id, seed FROM prompt_runs WHERE key = ?", (key,))
        return PromptRun(*rows[0]) if rows else None

    def begin_prompt_run(self, key: str, run: PromptRun) -> None:
        """Note a run; it takes the place of the one before."""
        self._rows("INSERT OR REPLACE INTO prompt_runs (key, id, seed) VALUES (?, ?, ?)", (key, run.id, run.seed))

    def pictures_of_run(self, run: PromptRun) -> list[PictureEntry]:
        """Return the pictures of a run that were saved, oldest first."""
        return self._pictures("WHERE identity >= ? AND identity < ? ORDER BY created_at, rowid", (f"{run.id}-", f"{run.id}."))

    def history(self, words: Sequence[str] = (), limit: int = _ENTRIES_SHOWN) -> list[PictureEntry]:
        """Return the newest pictures, newest first, in whose prompt, model, path or seed every word occurs, in upper or lower case."""
        wanted = [word.encode("utf-8", "replace").decode().casefold() for word in words if word.strip()]
        condition = "WHERE " + " AND ".join("instr(searchable, ?) > 0" for _ in wanted) if wanted else ""
        return self._pictures(f"{condition} ORDER BY created_at DESC, rowid DESC LIMIT ?", (*wanted, limit))

    def _jobs(self, rest: str, values: tuple[Any, ...]) -> list[JobEntry]:
        return [JobEntry.from_row(row) for row in self._rows(f"SELECT {JOB_COLUMNS} FROM jobs {rest}", values)]  # noqa: S608 - constants

    def _pictures(self, rest: str, values: tuple[Any, ...]) -> list[PictureEntry]:
        rows = self._rows(f"SELECT {PICTURE_COLUMNS} FROM pictures {rest}", values)  # noqa: S608 - constants
        return [PictureEntry.from_row(row) for row in rows]

    def _rows(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Run one statement; return its rows."""
        return self._mended(lambda: self._open().execute(statement, values).fetchall())

    def _open(self) -> sqlite3.Connection:
        """Return the open file; open it, one process at a time, if it is not."""
        if self._connection is None:
            with only_one(self.file.parent):
                self._connection = connect(self.file)
        return self._connection

    def _mended(self, attempt: Callable[[], _Result]) -> _Result:
        """Given something to do with the ledger, do it; if the file is damaged, set it aside and do it with a new one."""
        try:
            return attempt()
        except OSError as problem:
            raise failure(problem, self.file) from problem
        except sqlite3.Error as problem:
            if not is_damaged(problem):
                raise failure(problem, self.file) from problem
        self.close()
        try:
            self.notes += replace_damaged(self.file, self._now())
            return attempt()
        except (sqlite3.Error, OSError) as problem:
            raise failure(problem, self.file) from problem
