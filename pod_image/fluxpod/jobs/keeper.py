"""Deletes results that nobody acknowledged in time, at the start and then every hour."""

import logging
import threading

from fluxpod.jobs.intake import Intake

INTERVAL_SECONDS = 3600.0
log = logging.getLogger(__name__)


class Keeper(threading.Thread):
    """Lives as long as the process."""

    def __init__(self, intake: Intake, kept_seconds: float) -> None:
        super().__init__(name="keeper", daemon=True)
        self._intake = intake
        self._kept_seconds = kept_seconds
        self._ended = threading.Event()

    def run(self) -> None:
        """Tidy, wait, tidy again."""
        while not self._ended.is_set():
            try:
                if count := self._intake.forget_results(self._kept_seconds):
                    log.info("%d jobs deleted that ended over %.0f s ago", count, self._kept_seconds)
            except OSError as error:
                log.warning("old results could not be deleted: %s", error)
            self._ended.wait(INTERVAL_SECONDS)

    def end(self) -> None:
        """Return from `run` soon."""
        self._ended.set()
