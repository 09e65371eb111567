"""A home of its own for each measurement, and one in which ten thousand jobs have been done."""

import json
import os
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fluxctl.environment import Environment
from fluxctl.ledger import JobEntry, Ledger, PictureEntry
from fluxctl.ledger.ledger import JOB_COLUMNS, PICTURE_COLUMNS

PROMPT = "a red circle on a blue background"


@contextmanager
def home() -> Iterator[dict[str, str]]:
    """Yield the environment of a person who has nothing yet; their worker is ended afterwards."""
    with TemporaryDirectory(prefix="fluxctl-bench-") as folder:
        variables = {**os.environ, "FLUXCTL_HOME": folder}
        try:
            yield variables
        finally:
            subprocess.run(fluxctl("down"), env=variables, check=False, capture_output=True)


def fluxctl(*words: str) -> list[str]:
    """Return the command line of a fluxctl command, as it is installed."""
    return [str(Path(sys.executable).with_name("fluxctl")), *words]


def age(variables: Mapping[str, str], jobs: int) -> None:
    """Given a person who has made one picture, make it look as if they had made so many: ledger, worker's records, files."""
    environment = Environment(variables=variables)
    with Ledger.open(environment) as ledger:
        job = ledger.jobs(1)[0]
        picture = ledger.pictures_of(job.id)[0]
    ids = [uuid.uuid4().hex for _ in range(jobs)]
    files = [picture.path.with_name(f"{number + 2:04d}_a-red-circle_{number}.png") for number in range(jobs)]
    for file in files:
        os.link(picture.path, file)
    _fill_ledger(environment.paths.state / "ledger.db", job, picture, ids, files)
    _fill_records(environment.paths.state, job.id, ids)


def _fill_ledger(database: Path, job: JobEntry, picture: PictureEntry, ids: list[str], files: list[Path]) -> None:
    """Put the jobs in as if they had been older ones."""
    from dataclasses import replace

    aged = [replace(job, id=name, created_at=job.created_at - number) for number, name in enumerate(ids)]
    pictures = [
        replace(picture, job_id=name, path=file, seed=number, created_at=picture.created_at - number)
        for number, (name, file) in enumerate(zip(ids, files, strict=True))
    ]
    with sqlite3.connect(database) as connection:
        connection.executemany(f"INSERT INTO jobs ({JOB_COLUMNS}) VALUES ({_marks(JOB_COLUMNS)})", [entry.row() for entry in aged])  # noqa: S608
        statement = f"INSERT INTO pictures ({PICTURE_COLUMNS}, searchable) VALUES ({_marks(PICTURE_COLUMNS)}, ?)"  # noqa: S608 - constants
        connection.executemany(statement, [entry.row() for entry in pictures])
    connection.close()


def _marks(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(","))


def _fill_records(state: Path, job_id: str, ids: list[str]) -> None:
    """Copy the worker's record of the job."""
    (record,) = state.glob(f"pods/*/workspace/fluxpod/jobs/closed/*.{job_id}.done.json")
    content: dict[str, Any] = json.loads(record.read_text())
    finished = int(record.name.split(".")[0])
    for number, name in enumerate(ids):
        content["status"]["id"] = name
        content["status"]["finished_at"] = (finished - 1 - number) / 1000
        (record.parent / f"{finished - 1 - number:015d}.{name}.done.json").write_text(json.dumps(content))
