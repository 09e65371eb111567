"""What is on disk of a job: its status, its place in the queue, and how a record changes (pure)."""

import json
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict

from fluxpod.protocol import JobError, JobRequest, JobState, JobStatus, PictureResult

SCHEMA_VERSION = 1


class NewerRecordError(ValueError):
    """A record was written by a newer worker: it is sound, but not for us."""


class JobRecord(BaseModel):
    """One job as its file holds it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: Literal[1] = 1
    order: int
    """Place in the queue: the smallest runs first."""
    status: JobStatus

    @property
    def id(self) -> str:
        """The job's id."""
        return self.status.id

    def missing(self) -> list[tuple[int, int]]:
        """Return index and seed of every picture that has still to be made, in order."""
        made = {picture.index for picture in self.status.pictures}
        return [(index, seed) for index, seed in enumerate(self.status.request.seeds) if index not in made]

    def changed(self, **fields: Any) -> "JobRecord":
        """Given fields of the status, return the record with them."""
        return self.model_copy(update={"status": self.status.model_copy(update=fields)})


def new_record(job_id: str, pod_id: str, request: JobRequest, order: int, now: float) -> JobRecord:
    """Given a recipe and the wall clock in seconds, return the record of a job that waits."""
    return JobRecord(order=order, status=JobStatus(id=job_id, pod_id=pod_id, state=JobState.QUEUED, request=request, created_at=now))


def started(record: JobRecord, now: float) -> JobRecord:
    """Return the record of a job that the engine has begun, once more or for the first time."""
    return record.changed(state=JobState.RUNNING, started_at=now, attempt=record.status.attempt + 1)


def queued_again(record: JobRecord, pod_id: str, order: int | None = None) -> JobRecord:
    """Return the record of a job that waits again for its missing pictures, now as `pod_id`'s; it keeps its place unless given one."""
    waiting = record.changed(state=JobState.QUEUED, started_at=None, pod_id=pod_id)
    return waiting if order is None else waiting.model_copy(update={"order": order})


def with_picture(record: JobRecord, picture: PictureResult) -> JobRecord:
    """Return the record with one more finished picture."""
    return record.changed(pictures=(*record.status.pictures, picture))


def ended(record: JobRecord, state: JobState, now: float, error: JobError | None = None) -> JobRecord:
    """Return the record of a job to which nothing more will happen."""
    return record.changed(state=state, finished_at=now, error=error)


def to_bytes(record: JobRecord) -> bytes:
    """Return the record as its file holds it."""
    return record.model_dump_json(indent=1).encode()


def from_bytes(data: bytes) -> JobRecord:
    """Given a file's bytes, return the record; raise NewerRecordError for a later schema, ValueError for anything else unreadable."""
    content: Any = json.loads(data)
    version: Any = cast("dict[str, Any]", content).get("schema_version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise NewerRecordError(f"schema {version} is newer than {SCHEMA_VERSION}")
    return JobRecord.model_validate(content)
