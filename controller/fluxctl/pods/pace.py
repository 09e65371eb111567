"""Works out how long the rest of a download or of loading takes, by the bytes that came so far."""

from dataclasses import dataclass

from fluxctl.pods.progress import Progress, Stage

SHORTEST_LOOK_SECONDS = 3.0
"""Before that, the first bytes say nothing of the rest."""


@dataclass
class Pace:
    """Looks at one report after the other."""

    _stage: Stage | None = None
    _began_at: float = 0.0
    _bytes_then: int = 0

    def seconds_left(self, progress: Progress, now: float) -> float | None:
        """Given a report and the clock, return how long the stage's bytes still take; None where that cannot be told."""
        done, total = progress.bytes_done, progress.bytes_total
        if done is None or total is None:
            return None
        if progress.stage is not self._stage or done < self._bytes_then:
            self._stage, self._began_at, self._bytes_then = progress.stage, now, done
        looked, moved = now - self._began_at, done - self._bytes_then
        return (total - done) * looked / moved if looked >= SHORTEST_LOOK_SECONDS and moved > 0 else None
