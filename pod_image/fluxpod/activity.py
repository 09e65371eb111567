"""Counts what the watchdog asks about: uses of the worker, and its progress."""

import threading
import time
from collections.abc import Callable


class Activity:
    """Two counters that only grow, and how long `keep` holds. Thread-safe. Reading changes nothing."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept_until = monotonic()
        self.activity_seen = 0
        self.progress = 0

    def used(self) -> None:
        """Somebody put a new job, or asked to be kept waiting for."""
        with self._lock:
            self.activity_seen += 1

    def progressed(self) -> None:
        """A step, a picture or a piece of loading is done."""
        with self._lock:
            self.progress += 1

    def keep(self, seconds: float) -> None:
        """Hold for at least this many seconds from now; an earlier, longer keep still counts."""
        with self._lock:
            self._kept_until = max(self._kept_until, self._monotonic() + seconds)
            self.activity_seen += 1

    @property
    def keep_seconds_left(self) -> float:
        """How long `keep` still holds, in seconds."""
        return max(0.0, self._kept_until - self._monotonic())
