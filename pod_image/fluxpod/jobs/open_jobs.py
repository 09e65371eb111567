"""Holds this pod's unfinished jobs in memory and on disk, and tells their readers what changes."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable

from fluxpod.activity import Activity
from fluxpod.jobs import queue
from fluxpod.jobs.events import EventLog, end_event, past_events
from fluxpod.jobs.record import JobRecord, queued_again
from fluxpod.jobs.store import JobStore
from fluxpod.protocol import JobState, JobStatus, QueuedEvent

_ENDED_LOGS_KEPT = 32
"""A reader that lost its connection near the end finds every step; later the record tells what matters."""
log = logging.getLogger(__name__)


class OpenJobs:
    """Shared by the HTTP side (`Intake`) and the engine's side (`Work`); whoever calls a method holds `changed`."""

    def __init__(self, store: JobStore, pod_id: str, activity: Activity, now: Callable[[], float] = time.time) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.store = store
        self.pod_id = pod_id
        self.activity = activity
        self.now = now
        self.draining = False
        """No job begins any more; the running one stops after its picture. Set by `begin_to_end`."""
        self.stopping = False
        """The process ends: the running job stops after its step. Set by `begin_to_end`."""
        self.cancelling: set[str] = set()
        """Running jobs that end as cancelled after their step."""
        self.making: set[str] = set()
        """Running jobs whose model is loaded: the others wait for it and make nothing yet."""
        self._ending_since: float | None = None
        self._boot = secrets.token_hex(4)
        self._records: dict[str, JobRecord] = {}
        self._logs: dict[str, EventLog] = {}
        self._ended_logs: dict[str, EventLog] = {}
        self._unsaved: dict[str, JobRecord] = {}
        mine = (record for record in store.load_open() if record.status.pod_id == pod_id)
        with self.changed:
            for record in sorted(mine, key=lambda record: record.order):
                self.add(self._with_pictures_on_disk(queued_again(record, pod_id)))

    @property
    def records(self) -> Iterable[JobRecord]:
        """This pod's jobs that wait or run."""
        return self._records.values()

    @property
    def busy(self) -> bool:
        """Whether a job waits or runs; once nothing begins any more, whether one runs."""
        states = {record.status.state for record in self._records.values()}
        return JobState.RUNNING in states or (JobState.QUEUED in states and not (self.draining or self.stopping))

    def find(self, job_id: str) -> JobRecord | None:
        """Given an id, return this pod's unfinished job."""
        return self._records.get(job_id)

    def find_ended(self, job_id: str) -> JobRecord | None:
        """Given an id, return the ended job, whosever it was."""
        return self._unsaved.get(job_id) or self.store.read_closed(job_id)

    def event_log(self, job_id: str) -> EventLog | None:
        """Given an id, return the log of this pod's job while it is unfinished and for some time after."""
        return self._logs.get(job_id) or self._ended_logs.get(job_id)

    def status(self, record: JobRecord) -> JobStatus:
        """Given a record, return what is answered about it."""
        return record.status.model_copy(update={"position": queue.positions(self._records.values()).get(record.id)})

    def add(self, record: JobRecord) -> None:
        """Take a job that waits into the queue; its record is on disk already."""
        self._records[record.id] = record
        self._logs[record.id] = EventLog(self._boot, past_events(record.status))
        self._logs[record.id].append(QueuedEvent(position=queue.positions(self._records.values())[record.id]))
        self.changed.notify_all()

    def replace(self, record: JobRecord) -> None:
        """Put a changed record in its place, in memory and on disk; raise OSError when only memory has it."""
        before = queue.positions(self._records.values())
        self._records[record.id] = record
        self._announce_positions(before)
        self.store.save_open(record)

    def close(self, record: JobRecord) -> None:
        """Put an ended job away and tell its readers; a full disk cannot stop this, the next start then runs the job again."""
        before = queue.positions(self._records.values())
        try:
            self.store.close(record)
        except OSError as error:
            log.error("the end of job %s could not be written: %s", record.id, error)
            self._unsaved[record.id] = record
        else:
            self._unsaved.pop(record.id, None)
        self._records.pop(record.id, None)
        self.cancelling.discard(record.id)
        self.making.discard(record.id)
        if events := self._logs.pop(record.id, None):
            events.append(end_event(record.status))
            self._ended_logs[record.id] = events
            if len(self._ended_logs) > _ENDED_LOGS_KEPT:
                del self._ended_logs[next(iter(self._ended_logs))]
        self._announce_positions(before)
        self.activity.progressed()

    def save_unsaved(self) -> None:
        """Try again to write what a full disk refused."""
        for record in tuple(self._unsaved.values()):
            try:
                self.store.close(record)
            except OSError as error:
                log.warning("the end of job %s still cannot be written: %s", record.id, error)
            else:
                del self._unsaved[record.id]

    def begin_to_end(self, *, stopping: bool = False) -> None:
        """Drain, or stop at once. The only method that may be called without holding `changed`."""
        if self._ending_since is None:
            self._ending_since = time.monotonic()
        self.stopping = self.stopping or stopping
        self.draining = self.draining or not stopping

    @property
    def ending_seconds(self) -> float | None:
        """How long the worker has begun nothing new; None when it still does."""
        since = self._ending_since
        return None if since is None else time.monotonic() - since

    def let_readers_go(self) -> None:
        """End every stream of events: the process ends."""
        for events in self._logs.values():
            events.close()

    def _announce_positions(self, before: dict[str, int]) -> None:
        for job_id, position in queue.positions(self._records.values()).items():
            if before.get(job_id) != position and job_id in self._logs:
                self._logs[job_id].append(QueuedEvent(position=position))

    def _with_pictures_on_disk(self, record: JobRecord) -> JobRecord:
        there = tuple(picture for picture in record.status.pictures if self.store.picture_path(record.id, picture.index).is_file())
        return record.changed(pictures=there)
