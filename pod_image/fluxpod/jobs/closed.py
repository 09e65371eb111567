"""Finds ended jobs by id and by age from their file names alone, so that ten thousand of them cost no more than ten."""

import bisect
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fluxpod.protocol import JobState

_NAME = re.compile(r"^(\d{15})\.([0-9a-f]{32})\.(done|failed|cancelled)\.json$")
_TRUSTED_AGE_SECONDS = 2.0
"""A folder's time stamp can be this coarse: a scan made sooner after a change may have missed another."""


class ClosedName(NamedTuple):
    """What a file name says of an ended job; sorts by the time of its end."""

    finished_milliseconds: int
    job_id: str
    state: JobState

    @property
    def file_name(self) -> str:
        """The name of the record's file."""
        return f"{self.finished_milliseconds:015d}.{self.job_id}.{self.state.value}.json"


def parse_name(file_name: str) -> ClosedName | None:
    """Given a file name, return what it says; None when it is no ended job's."""
    match = _NAME.match(file_name)
    return ClosedName(int(match[1]), match[2], JobState(match[3])) if match else None


class ClosedIndex:
    """Names of the files in one folder; other pods may add to it. Not thread-safe: the caller holds a lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_file: dict[str, ClosedName] = {}
        self._by_id: dict[str, ClosedName] = {}
        self._sorted: list[ClosedName] = []
        self._seen_change = -1.0

    def find(self, job_id: str) -> ClosedName | None:
        """Given a job's id, return its name; None when no such job has ended here."""
        if job_id not in self._by_id:
            self._refresh()
        return self._by_id.get(job_id)

    def newest_first(self) -> Iterator[ClosedName]:
        """Return every name, the latest end first."""
        self._refresh()
        return reversed(tuple(self._sorted))

    def oldest_until(self, finished_milliseconds: int) -> list[ClosedName]:
        """Return the names of jobs that ended before this moment."""
        self._refresh()
        return self._sorted[: bisect.bisect_left(self._sorted, finished_milliseconds, key=lambda name: name.finished_milliseconds)]

    def add(self, name: ClosedName) -> None:
        """Note a file that was just written."""
        if name.file_name not in self._by_file:
            self._by_file[name.file_name] = self._by_id[name.job_id] = name
            bisect.insort(self._sorted, name)

    def remove(self, name: ClosedName) -> None:
        """Note that a file is gone."""
        if self._by_file.pop(name.file_name, None):
            self._by_id.pop(name.job_id, None)
            del self._sorted[bisect.bisect_left(self._sorted, name)]

    def _refresh(self) -> None:
        """Read the folder if it may have changed; only names that are new are looked at."""
        changed = self._folder.stat().st_mtime
        if changed == self._seen_change:
            return
        now = time.time()
        present = set(os.listdir(self._folder))  # noqa: PTH208 (names alone: no object for each of ten thousand files)
        for gone in [name for file, name in self._by_file.items() if file not in present]:
            self.remove(gone)
        for name in sorted(name for file in present - self._by_file.keys() if (name := parse_name(file))):
            self.add(name)
        self._seen_change = changed if now - changed > _TRUSTED_AGE_SECONDS else -1.0
