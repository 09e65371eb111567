"""Times as RunPod writes them, and how far its clock is from ours."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fluxctl.providers.runpod.answer import Answer


def rfc3339(seconds: float) -> str:
    """Given seconds since 1970 (UTC), return them as RunPod reads them."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(said: object) -> float | None:
    """Given a time as RunPod writes it, return seconds since 1970 (UTC), None where it is none: some servers write that as the year 1."""
    if not isinstance(said, str):
        return None
    try:
        moment = datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return seconds if seconds > 0 else None


@dataclass
class ServerClock:
    """RunPod's clock as its last answer showed it, to the second; it goes on with a clock of ours that no jump of the time moves."""

    _ahead_of_monotonic: float | None = None

    def note(self, answer: Answer, asked_at: float, answered_at: float) -> None:
        """Given an answer and our monotonic clock before and after, keep the difference; an answer without a date changes nothing."""
        if answer.served_at is not None:
            self._ahead_of_monotonic = answer.served_at + 0.5 - (asked_at + answered_at) / 2

    def skew_seconds(self, now: float, monotonic: float) -> float:
        """Given both of our clocks, return theirs minus ours; 0 before the first answer."""
        return 0.0 if self._ahead_of_monotonic is None else monotonic + self._ahead_of_monotonic - now
