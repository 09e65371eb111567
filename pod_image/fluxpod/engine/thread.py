"""The engine's thread: loads the model at the start, then runs job after job; nothing a job does ends it."""

import logging
import threading
from collections.abc import Callable

from fluxpod.engine import libraries
from fluxpod.engine.failure import EngineError, explain
from fluxpod.engine.job_run import run_job
from fluxpod.engine.load import ModelName, Models, release_memory
from fluxpod.jobs.record import JobRecord
from fluxpod.jobs.work import CancelledError, ReleasedError, Work
from fluxpod.protocol import JobState, Phase
from fluxpod.standing import Standing

log = logging.getLogger(__name__)


def _no_trouble() -> str:
    return ""


class EngineThread(threading.Thread):
    """The only thread that touches torch: a pipeline serves one caller."""

    def __init__(
        self, work: Work, models: Models, standing: Standing, first_model: ModelName, trouble: Callable[[], str] = _no_trouble
    ) -> None:
        """`trouble` says why no job can be done here, before anything is loaded; empty: nothing stands in the way."""
        super().__init__(name="engine", daemon=True)
        self._work = work
        self._models = models
        self._standing = standing
        self._first_model = first_model
        self._trouble = trouble

    def run(self) -> None:
        """Import, load, and serve until the worker begins nothing more."""
        try:
            self._boot()
            while record := self._work.take():
                self._serve(record)
        except Exception as error:  # the process stays up to say why, and its watchdog ends it
            log.exception("the engine has stopped")
            self._standing.enter(Phase.FAILED, f"the engine has stopped: {explain(error).message}")

    def _boot(self) -> None:
        if problem := self._trouble():
            log.error("%s", problem)
            self._standing.enter(Phase.FAILED, problem)
            return
        self._standing.enter(Phase.BOOTING, "importing torch and diffusers")
        libraries.prepare()
        try:
            self._models.get(self._first_model)
        except EngineError:
            log.exception("the model cannot be loaded")

    def _serve(self, record: JobRecord) -> None:
        request, failed = record.status.request, False

        def go_on() -> None:
            self._work.check_picture(record.id)

        log.info("job %s: attempt %d, %d pictures to make", record.id, record.status.attempt, len(record.missing()))
        try:
            model = self._models.get(ModelName(request.model, request.source, request.revision), go_on)
            self._work.begin_making(record.id)
            run_job(record, model, self._work)
        except CancelledError:
            log.info("job %s: cancelled", record.id)
            self._work.finish(record.id, JobState.CANCELLED)
        except ReleasedError:
            log.info("job %s: stopped, to go on later", record.id)
            self._work.release(record.id)
        except Exception as error:  # whatever a job runs into ends that job and nothing else
            log.exception("job %s: failed", record.id)
            self._work.finish(record.id, JobState.FAILED, explain(error))
            failed = True
        else:
            log.info("job %s: done", record.id)
            self._work.finish(record.id, JobState.DONE)
        if failed:
            release_memory()  # after the error is let go, and only then: it takes tenths of a second in which nothing else runs
