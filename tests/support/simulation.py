"""A watchdog's real loop beside a worker that is played, on one virtual clock: hours pass in milliseconds."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fluxpod.pod_contract import Limits
from fluxpod.small_http import Answer
from fluxpod.watchdog import End
from fluxpod.watchdog_loop import Watchdog

ASK_SECONDS = 0.01
SILENCE_SECONDS = 5.0
"""What an unanswered question costs."""


class OutOfTime(BaseException):
    """The simulated time that was asked for is over, and the pod lives."""


@dataclass
class World:
    """The clock, what happens when, and the worker as it stands."""

    now: float = 1000.0
    phase: str = "booting"
    activity_seen: int = 0
    progress: int = 0
    running: int = 0
    """Jobs under way."""
    kept_until: float = 0.0
    answers: bool = True
    present: bool = True
    draining: bool = False
    refuses_to_end: int = 0
    """So many tries to end it fail."""
    lifetime_ends_at: float = 0.0
    lines: list[str] = field(default_factory=list[str])
    published: list[End] = field(default_factory=list[End])
    asked: list[str] = field(default_factory=list[str])
    end_tries: list[float] = field(default_factory=list[float])
    ended_at: float | None = None
    on_drain: Callable[[], None] | None = None
    """Happens just before a drain arrives."""
    until: float = float("inf")
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list[tuple[float, int, Callable[[], None]]])

    def at(self, seconds: float, event: Callable[[], None]) -> None:
        """Let something happen `seconds` after the start."""
        heapq.heappush(self._events, (1000.0 + seconds, len(self._events), event))

    def sleep(self, seconds: float) -> None:
        """Let time pass, and what is due in it happen."""
        assert seconds >= 0
        end = self.now + seconds
        while self._events and self._events[0][0] <= end:
            moment, _, event = heapq.heappop(self._events)
            self.now = max(self.now, moment)
            event()
        self.now = end
        if self.now > self.until:
            raise OutOfTime

    def move(self) -> None:
        """A step, a picture, or a piece of loading is done."""
        self.progress += 1

    def put(self) -> None:
        """A job is put and begins."""
        if not self.draining:
            self.activity_seen += 1
            self.running += 1

    def finish(self) -> None:
        """A job is done."""
        self.progress += 1
        self.running = max(0, self.running - 1)

    def become(self, **changes: Any) -> Callable[[], None]:
        """Return an event that changes the worker."""
        return lambda: self.__dict__.update(changes)

    def ask(self, method: str, route: str, body: Any) -> Answer | None:
        """Answer as the worker would."""
        self.asked.append(f"{method} {route}")
        if not (self.answers and self.present):
            self.sleep(SILENCE_SECONDS if self.present else 0.0)
            return None
        self.sleep(ASK_SECONDS)
        if route == "/v1/drain":
            if self.on_drain:
                self.on_drain()
            if body["activity_seen"] not in (None, self.activity_seen):
                return Answer(409, {"code": "in_use", "message": ""})
            self.draining = True
        return Answer(200, self._idle())

    def _idle(self) -> dict[str, Any]:
        return {
            "phase": self.phase,
            "activity_seen": self.activity_seen,
            "busy": self.running > 0,
            "progress": self.progress,
            "keep_seconds_left": max(0.0, self.kept_until - self.now),
        }

    def watch(self, limits: Limits, most_seconds: float) -> float | None:
        """Run the watchdog; return how many seconds after the start the pod was ended, None if it lives after `most_seconds`."""
        began = self.now
        self.until = began + most_seconds
        self.lifetime_ends_at = began + limits.lifetime_seconds
        watchdog = Watchdog(
            limits=limits,
            monotonic=lambda: self.now,
            sleep=self.sleep,
            lifetime_left=lambda: self.lifetime_ends_at - self.now,
            ask=self.ask,
            ending=Played(self),
            log=self.lines.append,
            publish=lambda end, _lifetime, _now: self.published.append(end),
        )
        try:
            watchdog.run()
        except OutOfTime:
            return None
        assert self.ended_at is not None
        return self.ended_at - began


@dataclass
class Played:
    """An ending that works, or fails as often as the world says."""

    world: World
    wait_seconds: float = 0.0

    def present(self) -> bool:
        """Return whether the played process lives."""
        return self.world.present

    def end(self) -> bool:
        """End it."""
        self.world.end_tries.append(self.world.now)
        if self.world.refuses_to_end > 0:
            self.world.refuses_to_end -= 1
            return False
        self.world.present = False
        self.world.ended_at = self.world.now
        return True
