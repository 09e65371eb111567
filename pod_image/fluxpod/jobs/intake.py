"""The jobs as requests see them: put, look, list, cancel, acknowledge, drain."""

from collections.abc import Collection
from pathlib import Path

from fluxpod.jobs import queue
from fluxpod.jobs.events import ENDED_BOOT, EventLog, past_events
from fluxpod.jobs.open_jobs import OpenJobs
from fluxpod.jobs.record import JobRecord, ended, new_record, queued_again
from fluxpod.protocol import Idle, JobRequest, JobState, JobStatus, Phase, PictureResult
from fluxpod.refusal import RefusalError, foreign_job, unknown_job, volume_full
from fluxpod.whole_files import is_full


class Intake:
    """Every method is safe to call from any thread and raises RefusalError for what cannot be granted."""

    def __init__(self, jobs: OpenJobs, queue_limit: int) -> None:
        self._jobs = jobs
        self._queue_limit = queue_limit

    def put(self, job_id: str, request: JobRequest) -> tuple[JobStatus, bool]:
        """Given an id and a recipe, create the job, take it over from another pod, or rejoin it; return it and whether it is new here."""
        with self._jobs.changed:
            known = self._known(job_id)
            if known and known.status.request != request:
                raise RefusalError(409, "other_recipe", f"job {job_id} stands for another recipe")
            if known and (known.status.state.ended or known.status.pod_id == self._jobs.pod_id):
                return self._jobs.status(known), False
            self._check_room()
            now = self._jobs.now()
            order = queue.order_after(self._jobs.records, now)
            pod_id = self._jobs.pod_id
            record = queued_again(known, pod_id, order) if known else new_record(job_id, pod_id, request, order, now)
            self._save(record)
            self._jobs.activity.used()
            self._jobs.add(record)
            return self._jobs.status(record), True

    def status(self, job_id: str) -> JobStatus:
        """Given an id, return the job, whosever it is."""
        with self._jobs.changed:
            return self._jobs.status(self._existing(job_id))

    def newest(self, limit: int, states: Collection[JobState]) -> tuple[JobStatus, ...]:
        """Return at most `limit` jobs in one of `states`: unfinished ones first, then ended ones, each the newest first."""
        with self._jobs.changed:
            mine = {record.id: record for record in self._jobs.records}
            others = self._jobs.store.load_open(known=mine)
            unfinished = [record for record in (*mine.values(), *others) if record.status.state in states]
            unfinished = sorted(unfinished, key=lambda record: record.order, reverse=True)[:limit]
            closed = self._jobs.store.newest_closed(limit - len(unfinished), states)
            return tuple(self._jobs.status(record) for record in (*unfinished, *closed))

    def events(self, job_id: str) -> EventLog:
        """Given an id, return what happened to the job and, if it is unfinished, what will."""
        with self._jobs.changed:
            record = self._existing(job_id)
            if live := self._jobs.event_log(job_id):
                return live
            if not record.status.state.ended:
                raise foreign_job(job_id, record.status.pod_id)
            return EventLog(ENDED_BOOT, past_events(record.status))

    def cancel(self, job_id: str) -> JobStatus:
        """Given an id, end the job: at once while it waits for its turn or its model, after its step while pictures are made; an ended
        one stays as it is."""
        with self._jobs.changed:
            record = self._existing(job_id)
            if record.status.state.ended:
                return record.status
            if record.status.pod_id != self._jobs.pod_id:
                raise foreign_job(job_id, record.status.pod_id)
            if job_id in self._jobs.making:
                self._jobs.cancelling.add(job_id)
                return self._jobs.status(record)
            cancelled = ended(record, JobState.CANCELLED, self._jobs.now())
            self._jobs.close(cancelled)
            return cancelled.status

    def picture(self, job_id: str, index: int) -> tuple[PictureResult, Path]:
        """Given an id and the number of a picture, return what is known of it and its file."""
        with self._jobs.changed:
            record = self._existing(job_id)
        result = next((picture for picture in record.status.pictures if picture.index == index), None)
        if result is None:
            raise RefusalError(404, "no_such_picture", f"job {job_id} has no finished picture {index}")
        path = self._jobs.store.picture_path(job_id, index)
        if not path.is_file():
            raise RefusalError(410, "picture_gone", f"picture {index} of job {job_id} was acknowledged or has been deleted")
        return result, path

    def acknowledge(self, job_id: str) -> JobStatus:
        """Given an ended job whose pictures were fetched and verified, delete them and keep its record."""
        with self._jobs.changed:
            record = self._existing(job_id)
            if not record.status.state.ended:
                raise RefusalError(409, "not_ended", f"job {job_id} has not ended; its pictures cannot be let go yet")
            if not record.status.acknowledged:
                record = record.changed(acknowledged=True)
                self._jobs.close(record)
            self._jobs.store.delete_pictures(job_id)
            return record.status

    def forget_results(self, kept_seconds: float) -> int:
        """Delete jobs that ended longer ago than this, pictures and records; return how many."""
        with self._jobs.changed:
            self._jobs.save_unsaved()
            return self._jobs.store.forget_closed(self._jobs.now() - kept_seconds)

    def idle(self, phase: Phase) -> Idle:
        """Given the worker's phase, return the facts for the watchdog."""
        with self._jobs.changed:
            activity = self._jobs.activity
            return Idle(
                phase=Phase.DRAINING if self._jobs.draining else phase,
                activity_seen=activity.activity_seen,
                busy=self._jobs.busy,
                progress=activity.progress,
                keep_seconds_left=activity.keep_seconds_left,
            )

    def keep(self, seconds: float) -> None:
        """Hold the idle clock for at least this many seconds."""
        with self._jobs.changed:
            if self._jobs.draining:
                raise RefusalError(503, "draining", "the worker is being ended; it takes nothing new")
            self._jobs.activity.keep(seconds)

    def drain(self, activity_seen: int | None) -> None:
        """Begin no job any more and stop after the running picture, unless something was asked for since `activity_seen`."""
        with self._jobs.changed:
            seen = self._jobs.activity.activity_seen
            if activity_seen is not None and seen != activity_seen:
                raise RefusalError(409, "in_use", f"the worker was used since: activity {seen}, not {activity_seen}")
            self._jobs.begin_to_end()
            self._jobs.changed.notify_all()

    @property
    def draining(self) -> bool:
        """Whether the worker takes nothing new."""
        return self._jobs.draining or self._jobs.stopping

    @property
    def ending_seconds(self) -> float | None:
        """How long the worker has taken nothing new; None when it still does."""
        return self._jobs.ending_seconds

    def _known(self, job_id: str) -> JobRecord | None:
        return self._jobs.find(job_id) or self._jobs.find_ended(job_id) or self._jobs.store.read_open(job_id)

    def _existing(self, job_id: str) -> JobRecord:
        record = self._known(job_id)
        if record is None:
            raise unknown_job(job_id)
        return record

    def _check_room(self) -> None:
        if self.draining:
            raise RefusalError(503, "draining", "the worker is being ended; it takes no new jobs")
        if queue.waiting_pictures(self._jobs.records) >= self._queue_limit:
            raise RefusalError(429, "queue_full", f"{self._queue_limit} pictures wait already; try again later")

    def _save(self, record: JobRecord) -> None:
        try:
            self._jobs.store.save_open(record)
        except OSError as error:
            raise (
                volume_full("the job") if is_full(error) else RefusalError(500, "not_saved", f"the job could not be saved: {error}")
            ) from error
