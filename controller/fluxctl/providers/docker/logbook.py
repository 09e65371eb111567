"""What containers have written down: logs, the watchdog's words, jobs that nobody has brought home."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fluxctl.errors import ProviderError
from fluxctl.pods.pod import LogTail, WatchReport
from fluxctl.providers.base import Log
from fluxctl.providers.docker.container import PATHS
from fluxctl.providers.docker.containers import Containers
from fluxctl.providers.docker.inside import Inside
from fluxctl.providers.watch_state import watch_report_of
from fluxpod.protocol import JOB_ID_PATTERN

_JOB_ID = re.compile(JOB_ID_PATTERN)
_FILES = {Log.WORKER: PATHS.worker_log, Log.WATCHDOG: PATHS.watchdog_log}


@dataclass(frozen=True)
class Logbook:
    """Reads in the containers of one owner."""

    containers: Containers

    def tail(self, name: str, which: Log, lines: int) -> LogTail:
        """Return the end of a container's log; of one that does not get so far, what it printed itself."""
        return LogTail(self._inside(name).log(_FILES[which], lines), f"{name}:{_FILES[which]}")

    def last(self, which: Log, lines: int) -> LogTail:
        """Return the end of the log of the newest container, which may have ended."""
        found = self.containers.alive()
        name = found.name if found is not None else next(iter(self.containers.names()), None)
        return self.tail(name, which, lines) if name else LogTail((), "")

    def follow(self, which: Log, lines: int) -> Iterator[str]:
        """Follow the log of the container that lives; return that of one that has ended."""
        found = self.containers.alive()
        if found is None:
            return iter(self.last(which, lines).lines)
        return self._inside(found.name).follow(_FILES[which], lines)

    def watch_report(self, name: str) -> WatchReport:
        """Return what a container's watchdog does and will do."""
        log = f"{name}:{PATHS.watchdog_log}"
        try:
            alive, said = self._inside(name).watchdog()
        except ProviderError:
            return WatchReport(alive=False, log=log)
        return watch_report_of(said, log, alive)

    def left_jobs(self) -> frozenset[str]:
        """Return the ids of jobs on the volume of the container that lives; that of one that has ended is not looked into."""
        found = self.containers.alive()
        files = self._inside(found.name).job_files() if found is not None else ()
        names = {file.stem if file.suffix == ".json" else file.parent.name for file in files}
        return frozenset(name for name in names if _JOB_ID.match(name))

    def _inside(self, name: str) -> Inside:
        return Inside(self.containers.engine, name)
