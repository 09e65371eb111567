"""Makes the missing pictures of one job, one after the other."""

import time

from fluxpod.engine.denoise import Embeddings, encode, make_picture
from fluxpod.engine.load import LoadedModel
from fluxpod.engine.pace import Pace
from fluxpod.engine.picture_file import FinishedPicture, PictureFiles
from fluxpod.engine.text import report_text
from fluxpod.jobs.record import JobRecord
from fluxpod.jobs.work import Work
from fluxpod.protocol import JobRequest, StepEvent


def run_job(record: JobRecord, model: LoadedModel, work: Work) -> None:
    """Given a job and its model, make every picture that it lacks.

    Raise CancelledError or ReleasedError when it has to stop, and whatever goes wrong; finished pictures stay.
    """
    missing = record.missing()
    if not missing:
        return
    run = _Run(record, model, work, Pace(len(missing), record.status.request.steps, time.monotonic()))
    with PictureFiles(work, record.id, record.status.request, model.plan) as files:
        for index, seed in missing:
            work.check_picture(record.id)
            files.put(run.make(index, seed))


class _Run:
    """What the pictures of one job share: the encoded text and the pace."""

    def __init__(self, record: JobRecord, model: LoadedModel, work: Work, pace: Pace) -> None:
        self._record = record
        self._pipeline = model.pipeline
        self._work = work
        self._pace = pace
        self._embeddings: Embeddings | None = None

    def make(self, index: int, seed: int) -> FinishedPicture:
        """Given a picture's index and seed, return it."""
        begun = time.monotonic()
        self._pace.picture_begins(begun)
        request = self._record.status.request
        self._embeddings = self._embeddings or self._encode(request)
        self._pace.steps_begin(time.monotonic())
        pixels = make_picture(self._pipeline, self._embeddings, request, seed, lambda step, steps: self._step_done(index, step, steps))
        now = time.monotonic()
        self._pace.picture_done(now)
        return FinishedPicture(index, seed, pixels, duration_seconds=now - begun)

    def _encode(self, request: JobRequest) -> Embeddings:
        """Count the text, tell it, and encode it once for all pictures."""
        self._work.tell_text(self._record.id, report_text(self._pipeline, request))
        return encode(self._pipeline, request)

    def _step_done(self, index: int, step: int, steps: int) -> None:
        self._pace.step_done(step, time.monotonic())
        event = StepEvent(
            index=index,
            step=step,
            steps=steps,
            iterations_per_second=self._pace.iterations_per_second,
            seconds_left=self._pace.seconds_left,
        )
        self._work.step(self._record.id, event)
        self._work.check_step(self._record.id)
