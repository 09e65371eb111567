"""The jobs as the engine sees them: take the next, report steps and pictures, stop when told to, end."""

import logging

from fluxpod.jobs import queue
from fluxpod.jobs.open_jobs import OpenJobs
from fluxpod.jobs.record import JobRecord, ended, queued_again, started, with_picture
from fluxpod.protocol import JobError, JobEvent, JobState, PictureEvent, PictureResult, StartedEvent, StepEvent, TextEvent, TextReport

log = logging.getLogger(__name__)


class CancelledError(Exception):
    """Somebody cancelled the running job."""


class ReleasedError(Exception):
    """The running job has to stop and wait for the worker's next life."""


class Work:
    """Called by the engine's threads only."""

    def __init__(self, jobs: OpenJobs) -> None:
        self._jobs = jobs

    def take(self) -> JobRecord | None:
        """Wait for a job and begin it; return None when none will begin any more."""
        with self._jobs.changed:
            while not (self._jobs.stopping or self._jobs.draining):
                if record := queue.next_job(self._jobs.records):
                    return self._begin(record)
                self._jobs.changed.wait()
            return None

    def check_step(self, job_id: str) -> None:
        """Raise CancelledError or ReleasedError when the job has to stop after this step."""
        if job_id in self._jobs.cancelling or self._jobs.find(job_id) is None:
            raise CancelledError
        if self._jobs.stopping:
            raise ReleasedError

    def check_picture(self, job_id: str) -> None:
        """Raise CancelledError or ReleasedError when the job has to stop before the next picture."""
        self.check_step(job_id)
        if self._jobs.draining:
            raise ReleasedError

    def begin_making(self, job_id: str) -> None:
        """The job's model is loaded: from now on a cancelled job ends after its step; raise CancelledError or ReleasedError."""
        with self._jobs.changed:
            self.check_picture(job_id)
            self._jobs.making.add(job_id)

    def step(self, job_id: str, event: StepEvent) -> None:
        """Report a step."""
        self._jobs.activity.progressed()
        self._tell(job_id, event)

    def tell_text(self, job_id: str, text: TextReport) -> None:
        """Report how the prompt went into the encoders; a job that goes on in another life tells it once."""
        with self._jobs.changed:
            if (record := self._jobs.find(job_id)) and record.status.text != text:
                self._replace_if_possible(record.changed(text=text))
                self._tell(job_id, TextEvent(text=text))

    def save_picture(self, job_id: str, index: int, png: bytes) -> None:
        """Write a picture's file; raise OSError."""
        self._jobs.store.save_picture(job_id, index, png)

    def add_picture(self, job_id: str, picture: PictureResult) -> None:
        """Report a picture whose file is on disk; raise OSError when its record cannot be written."""
        with self._jobs.changed:
            if record := self._jobs.find(job_id):
                self._jobs.replace(with_picture(record, picture))
                self._jobs.activity.progressed()
                self._tell(job_id, PictureEvent(picture=picture))

    def finish(self, job_id: str, state: JobState, error: JobError | None = None) -> None:
        """End a job that is done, failed or cancelled; one that is being cancelled is cancelled, whatever else became of it."""
        with self._jobs.changed:
            if job_id in self._jobs.cancelling:
                state, error = JobState.CANCELLED, None
            if record := self._jobs.find(job_id):
                self._jobs.close(ended(record, state, self._jobs.now(), error))

    def release(self, job_id: str) -> None:
        """Put an unfinished job back to its place in the queue, for the worker's next life."""
        with self._jobs.changed:
            record = self._jobs.find(job_id)
            self._jobs.making.discard(job_id)
            if record and record.status.state is JobState.RUNNING:
                self._replace_if_possible(queued_again(record, self._jobs.pod_id))

    def stop(self) -> None:
        """The process ends: begin nothing more, leave the running job resumable, let the readers go."""
        self._jobs.begin_to_end(stopping=True)
        with self._jobs.changed:
            for record in tuple(self._jobs.records):
                self.release(record.id)
            self._jobs.let_readers_go()
            self._jobs.changed.notify_all()

    def _begin(self, record: JobRecord) -> JobRecord:
        begun = started(record, self._jobs.now())
        self._replace_if_possible(begun)
        self._tell(begun.id, StartedEvent(attempt=begun.status.attempt))
        return begun

    def _replace_if_possible(self, record: JobRecord) -> None:
        """A record that says `queued` for `running`, or the reverse, resumes all the same: not worth failing the job for."""
        try:
            self._jobs.replace(record)
        except OSError as error:
            log.warning("the record of job %s could not be written: %s", record.id, error)

    def _tell(self, job_id: str, event: JobEvent) -> None:
        if events := self._jobs.event_log(job_id):
            events.append(event)
