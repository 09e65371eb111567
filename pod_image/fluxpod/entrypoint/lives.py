"""Decides when a process that died is started again: pure functions of its lives so far and `now` (seconds, monotonic)."""

from dataclasses import dataclass, replace

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
HOPELESS_PAUSE_SECONDS = 30.0
"""After an end that says that the next start will fail too, unless somebody changes something."""
STABLE_SECONDS = 60.0
"""Whoever lived this long is not in a loop."""
LOOP_DEATHS = 3
SOON_SECONDS = 10.0
"""Whoever ended hopelessly has said so again within this time of its start."""


@dataclass(frozen=True)
class Lives:
    """What became of one process, and of those before it."""

    restarts: int = 0
    deaths_in_a_row: int = 0
    exit_code: int | None = None
    started_at: float | None = None
    """None: it does not run."""
    next_start: float | None = 0.0
    """None: it runs, or is not to be started."""
    hopeless: bool = False
    """Its last end said that the next start will fail too."""

    def is_due(self, now: float) -> bool:
        """Return whether it is to be started by now."""
        return self.next_start is not None and now >= self.next_start

    def is_looping(self, now: float) -> bool:
        """Return whether it died several times in a row, and has not lived long since."""
        stable = self.started_at is not None and now - self.started_at >= STABLE_SECONDS
        return self.deaths_in_a_row >= LOOP_DEATHS and not stable

    def is_hopeless(self, now: float) -> bool:
        """Return whether its last end, which says that the next start fails too, still holds."""
        return self.hopeless and (self.started_at is None or now - self.started_at < SOON_SECONDS)


def started(lives: Lives, now: float) -> Lives:
    """Return the lives of a process that was started just now."""
    return replace(lives, started_at=now, next_start=None)


def died(lives: Lives, exit_code: int, now: float, *, hopeless: bool = False) -> Lives:
    """Return the lives of a process that ended just now, by itself or by a signal (negative)."""
    stable = lives.started_at is not None and now - lives.started_at >= STABLE_SECONDS
    before = 0 if stable else lives.deaths_in_a_row
    if hopeless:
        return Lives(lives.restarts + 1, before, exit_code, None, now + HOPELESS_PAUSE_SECONDS, hopeless=True)
    pause = min(FIRST_PAUSE_SECONDS * 2 ** min(before, 10), LONGEST_PAUSE_SECONDS)
    return Lives(lives.restarts + 1, before + 1, exit_code, None, now + pause)


def wanted_again(lives: Lives, exit_code: int | None) -> Lives:
    """Return the lives of a process that was ended on purpose, and starts afresh at once."""
    return Lives(restarts=lives.restarts, exit_code=lives.exit_code if exit_code is None else exit_code)
