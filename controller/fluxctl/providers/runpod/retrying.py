"""Decides how often and when a question is asked again, and asks it; orders are sent once."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fluxctl.environment import Environment
from fluxctl.providers.runpod.answer import Answer
from fluxctl.providers.runpod.classify import Trouble, passes, trouble_of
from fluxctl.providers.runpod.refusal import error_of
from fluxctl.providers.runpod.times import ServerClock

MOST_TRIES = 4
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 20.0
"""A server that asks for a longer one is told to the person instead: somebody looks on."""


@dataclass
class Calls:
    """The calls of one account: their clock, and the patience with them."""

    environment: Environment
    clock: ServerClock = field(default_factory=ServerClock)
    jitter: Callable[[], float] = random.random
    """From 0 to 1: two fluxctl that failed together shall not come back together."""

    def once(self, send: Callable[[], Answer]) -> tuple[Answer, Trouble | None]:
        """Send an order and return what came of it, and what is wrong with that."""
        asked_at = self.environment.monotonic()
        answer = send()
        self.clock.note(answer, asked_at, self.environment.monotonic())
        return answer, trouble_of(answer)

    @property
    def skew_seconds(self) -> float:
        """Return RunPod's clock minus ours, 0 before the first answer."""
        return self.clock.skew_seconds(self.environment.now(), self.environment.monotonic())

    def patiently(self, send: Callable[[], Answer]) -> tuple[Answer, Trouble | None]:
        """Ask what may be asked any number of times, again after a trouble that passes, and return the last answer."""
        for pause in self._pauses():
            answer, trouble = self.once(send)
            wait = pause_before_next(trouble, pause)
            if wait is None:
                return answer, trouble
            self.environment.sleep(wait)
        return self.once(send)

    def well(self, what: str, send: Callable[[], Answer]) -> Answer:
        """Ask patiently and return a good answer; raise our error, which says `what` RunPod did not do."""
        answer, trouble = self.patiently(send)
        if trouble is not None:
            raise error_of(what, trouble)
        return answer

    def _pauses(self) -> Iterator[float]:
        for number in range(MOST_TRIES - 1):
            yield FIRST_PAUSE_SECONDS * 2**number * (0.5 + self.jitter())


def pause_before_next(trouble: Trouble | None, pause_seconds: float) -> float | None:
    """Given a trouble and the pause that would be made, return how long to wait for the next try; None: there is to be none."""
    if trouble is None or not passes(trouble):
        return None
    wait = max(pause_seconds, trouble.retry_after_seconds or 0.0)
    return wait if wait <= LONGEST_PAUSE_SECONDS else None
