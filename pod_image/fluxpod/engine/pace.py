"""Works out iterations per second and seconds left of a job from when its steps ended (pure: every `now` is given)."""

from collections import deque

_STEPS_MEASURED = 20
"""The rate is that of the latest steps: a machine's speed changes."""


class Pace:
    """Follows one job of `pictures` pictures with `steps` steps each. Times in seconds on any clock that never goes back."""

    def __init__(self, pictures: int, steps: int, now: float) -> None:
        self._pictures_left = pictures
        self._steps = steps
        self._step = 0
        self._durations: deque[float] = deque(maxlen=_STEPS_MEASURED)
        self._steps_seconds = 0.0
        self._overhead_seconds: float | None = None
        self._begun = self._last = now

    def picture_begins(self, now: float) -> None:
        """The encoders are about to run, or the steps if the text is encoded already."""
        self._step = 0
        self._steps_seconds = 0.0
        self._begun = self._last = now

    def steps_begin(self, now: float) -> None:
        """The text is encoded."""
        self._last = now

    def step_done(self, step: int, now: float) -> None:
        """Step number `step`, from 1, is done."""
        self._step = step
        self._durations.append(now - self._last)
        self._steps_seconds += now - self._last
        self._last = now

    def picture_done(self, now: float) -> None:
        """The pixels are there."""
        self._pictures_left -= 1
        self._overhead_seconds = max(0.0, now - self._begun - self._steps_seconds)

    @property
    def iterations_per_second(self) -> float:
        """Steps in a second, by the latest steps; 0 before the first."""
        step_seconds = self._step_seconds
        return 1.0 / step_seconds if step_seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """For the rest of the job. What a picture takes besides its steps counts as one step until it was measured."""
        overhead = self._step_seconds if self._overhead_seconds is None else self._overhead_seconds
        this_picture = (self._steps - self._step) * self._step_seconds + overhead
        later_pictures = (self._pictures_left - 1) * (self._steps * self._step_seconds + overhead)
        return max(0.0, this_picture + later_pictures)

    @property
    def _step_seconds(self) -> float:
        return sum(self._durations) / len(self._durations) if self._durations else 0.0
