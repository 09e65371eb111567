"""A clock that stands still until it is told to go: the platform's own, and that of the person at the computer, which may be wrong."""

from collections.abc import Callable

BEGIN = 1_790_000_000.0
"""When a virtual clock begins, in seconds since 1970."""


class VirtualClock:
    """Nothing waits on it; `sleep` makes it go on."""

    def __init__(self, begin: float = BEGIN) -> None:
        self._begin = begin
        self._elapsed = 0.0
        self.error_seconds = 0.0
        """By how much the person's clock is wrong: a jump of NTP, a suspended laptop's."""

    def true_now(self) -> float:
        """Return the time of the platform."""
        return self._begin + self._elapsed

    def now(self) -> float:
        """Return the time that the person's computer shows."""
        return self.true_now() + self.error_seconds

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps."""
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Let time go by, at once."""
        self._elapsed += max(0.0, seconds)


def true_now_of(clock: "VirtualClock | Callable[[], float]") -> Callable[[], float]:
    """Given a virtual clock or a function, return what tells the platform's time."""
    return clock.true_now if isinstance(clock, VirtualClock) else clock
