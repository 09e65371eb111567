"""Keeps job records and pictures as files: `open/` what has still to run, `closed/` what has ended, `pictures/` by job."""

import contextlib
import logging
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from fluxpod.jobs import record as records
from fluxpod.jobs.closed import ClosedIndex, ClosedName
from fluxpod.jobs.record import JobRecord
from fluxpod.protocol import JobState
from fluxpod.whole_files import make_folder, write_whole

_LEFTOVER_AGE_SECONDS = 3600.0
log = logging.getLogger(__name__)


class JobStore:
    """The files below one folder, which several pods may share. Not thread-safe: the caller holds a lock."""

    def __init__(self, folder: Path) -> None:
        self._open = folder / "open"
        self._closed = folder / "closed"
        self._pictures = folder / "pictures"
        self._set_aside = folder / "set_aside"
        for place in (self._open, self._closed, self._pictures):
            make_folder(place)
        self._index = ClosedIndex(self._closed)
        self._remove_leftovers()

    def load_open(self, known: Collection[str] = ()) -> list[JobRecord]:
        """Return every record that has still to run, whosever it is, but those of `known` ids; what cannot be read is set aside."""
        ended = {name.job_id for name in self._index.newest_first()}
        found: list[JobRecord] = []
        for path in sorted(self._open.glob("*.json")):
            if path.stem in known:
                continue
            if path.stem in ended:
                path.unlink(missing_ok=True)  # it had ended, and the worker died before this line
            elif record := self._read(path):
                found.append(record)
        return found

    def read_open(self, job_id: str) -> JobRecord | None:
        """Return the record of a job that has still to run, whosever it is; None when there is none."""
        return self._read(self._open / f"{job_id}.json")

    def save_open(self, record: JobRecord) -> None:
        """Write the record of a job that has still to run; raise OSError."""
        write_whole(self._open / f"{record.id}.json", records.to_bytes(record))

    def close(self, record: JobRecord) -> None:
        """Write the record of a job that has ended, over its earlier one if it has one; raise OSError."""
        finished = int((record.status.finished_at or 0.0) * 1000)
        name = self._index.find(record.id) or ClosedName(finished, record.id, record.status.state)
        write_whole(self._closed / name.file_name, records.to_bytes(record))
        self._index.add(name)
        (self._open / f"{record.id}.json").unlink(missing_ok=True)

    def read_closed(self, job_id: str) -> JobRecord | None:
        """Return the record of a job that has ended, whosever it was; None when there is none."""
        name = self._index.find(job_id)
        return self._read(self._closed / name.file_name) if name else None

    def newest_closed(self, limit: int, states: Collection[JobState]) -> list[JobRecord]:
        """Return at most `limit` ended jobs in one of `states`, the latest end first."""
        found: list[JobRecord] = []
        for name in self._index.newest_first():
            if len(found) >= limit:
                break
            if name.state in states and (record := self._read(self._closed / name.file_name)):
                found.append(record)
        return found

    def forget_closed(self, ended_before: float) -> int:
        """Delete records and pictures of jobs that ended before this wall-clock second; return how many."""
        names = self._index.oldest_until(int(ended_before * 1000))
        for name in names:
            self.delete_pictures(name.job_id)
            (self._closed / name.file_name).unlink(missing_ok=True)
            self._index.remove(name)
        return len(names)

    def picture_path(self, job_id: str, index: int) -> Path:
        """Return where a picture lies, or would."""
        return self._pictures / job_id / f"{index}.png"

    def save_picture(self, job_id: str, index: int, png: bytes) -> None:
        """Write a picture; raise OSError."""
        path = self.picture_path(job_id, index)
        make_folder(path.parent)
        write_whole(path, png)

    def delete_pictures(self, job_id: str) -> None:
        """Delete the pictures of a job, if there are any."""
        shutil.rmtree(self._pictures / job_id, ignore_errors=True)

    def _read(self, path: Path) -> JobRecord | None:
        try:
            return records.from_bytes(path.read_bytes())
        except FileNotFoundError:
            return None
        except records.NewerRecordError as error:
            log.warning("job record %s left alone: %s", path.name, error)
        except (ValueError, OSError) as error:
            log.warning("job record %s cannot be read and is set aside: %s", path.name, type(error).__name__)
            self._put_aside(path)
        return None

    def _put_aside(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            make_folder(self._set_aside)
            path.replace(self._set_aside / path.name)

    def _remove_leftovers(self) -> None:
        """Delete what an interrupted write left long ago; a younger file may be another pod's, being written."""
        for folder in (self._open, self._closed):
            for path in folder.glob(".*.new"):
                with contextlib.suppress(OSError):
                    if time.time() - path.stat().st_mtime > _LEFTOVER_AGE_SECONDS:
                        path.unlink()
