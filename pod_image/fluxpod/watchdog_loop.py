"""Watches a worker and ends its pod: asks, judges, drains, ends, and tries for ever until it worked."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fluxpod.pod_contract import Limits
from fluxpod.small_http import Answer
from fluxpod.watchdog import End, Facts, Memory, Reason, next_end, observe, used
from fluxpod.watchdog_end import Ending

Result = TypeVar("Result")
LONGEST_POLL_SECONDS = 5.0
SHORTEST_POLL_SECONDS = 0.05
LONGEST_BOOT_POLL_SECONDS = 1.0
"""Until the worker is ready: the moment from which idle time counts is not to be missed by much."""
LONGEST_DRAIN_POLL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
"""Between two tries to end the pod."""
LONGEST_WARNING_SECONDS = 60.0
"""How long before an end it is announced in the log; less where the limit is short."""


def poll_seconds(limits: Limits) -> float:
    """Given the limits, return how often the worker is asked."""
    shortest = min(
        limits.idle_timeout_seconds,
        limits.boot_grace_seconds,
        limits.lifetime_seconds,
        limits.stall_timeout_seconds,
        limits.silence_timeout_seconds,
    )
    return min(max(shortest / 5, SHORTEST_POLL_SECONDS), LONGEST_POLL_SECONDS)


def read_facts(answer: Answer | None) -> Facts | None:
    """Given an answer to `GET /v1/idle`, return its facts; None when it is none, or not to be trusted."""
    if answer is None or answer.status != 200:
        return None
    said = answer.body
    try:
        kept = float(said.get("keep_seconds_left", 0.0))
        facts = Facts(str(said["phase"]), int(said["activity_seen"]), bool(said["busy"]), int(said["progress"]), kept)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return None
    return facts if math.isfinite(kept) else None


@dataclass
class Watchdog:
    """One pod's watchdog. Whatever it touches is given to it, so that a test can drive it on a clock of its own."""

    limits: Limits
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    lifetime_left: Callable[[], float]
    """Seconds until the absolute lifetime ends."""
    ask: Callable[[str, str, Any], Answer | None]
    """Method, route and JSON body → the worker's answer, None for silence."""
    ending: Ending
    log: Callable[[str], None]
    publish: Callable[[End, float, float], None]
    """Hears the next end, the lifetime's end, and now."""
    _announced: tuple[Reason, float] | None = field(default=None, init=False)
    """Reason and moment (of the lifetime, or of the movement that the end counts from) of the last warning."""

    def run(self) -> None:
        """Watch until the pod has ended."""
        memory = Memory(moved_at=self.monotonic())
        while True:
            try:
                memory, over = self._step(memory)
                if over:
                    return
            except Exception as error:  # noqa: BLE001 - a watchdog that dies leaves a pod that nobody ends
                self.log(f"going on after {type(error).__name__}: {error}")
                self.sleep(poll_seconds(self.limits))

    def _step(self, memory: Memory) -> tuple[Memory, bool]:
        """Look once, and end what is due; return what is known now, and whether it is over."""
        before = memory
        memory = self._look(memory)
        now = self.monotonic()
        lifetime_ends_at = now + self.lifetime_left()
        end = next_end(memory, self.limits, lifetime_ends_at, now)
        self._tried(lambda: self._tell(before, memory, end, now), None)
        self._tried(lambda: self.publish(end, lifetime_ends_at, now), None)
        if end.at > now:
            pause = poll_seconds(self.limits) if memory.ready else min(LONGEST_BOOT_POLL_SECONDS, poll_seconds(self.limits))
            self.sleep(min(pause, end.at - now))
            return memory, False
        self.log(f"ending: {self._because(memory, end, now)}")
        if not self._tried(lambda: self._drained(memory, end), True):
            self.log("something began meanwhile; the pod lives on")
            return used(memory, self.monotonic()), False
        self._end()
        return memory, True

    def _look(self, memory: Memory) -> Memory:
        facts = self._tried(self._facts, None)
        return observe(memory, facts, self.monotonic(), present=facts is not None or self._tried(self.ending.present, True))

    def _facts(self) -> Facts | None:
        return read_facts(self.ask("GET", "/v1/idle", None))

    def _drained(self, memory: Memory, end: End) -> bool:
        """Let the running picture finish, as long as the worker gives signs of life; return False when it was used meanwhile."""
        seen = memory.facts.activity_seen if memory.facts and end.reason is Reason.IDLE else None
        latest = self.monotonic() + self.limits.drain_seconds
        heard_at = -math.inf if memory.answered_at is None else memory.answered_at
        draining = False
        while self.ending.present() and self.monotonic() < min(latest, heard_at + self.limits.silence_timeout_seconds):
            if not draining:
                answer = self.ask("POST", "/v1/drain", {"activity_seen": seen})
                if answer is not None and answer.status == 409 and seen is not None:
                    return False
                draining = answer is not None and answer.status < 300
            facts = self._facts()
            if facts is not None:
                heard_at = self.monotonic()
                if draining and not facts.busy:
                    return True
            self.sleep(min(LONGEST_DRAIN_POLL_SECONDS, poll_seconds(self.limits)))
        return True

    def _end(self) -> None:
        """End the pod, for ever until it worked."""
        pause = 1.0
        while not self._tried(self.ending.end, False):
            wait = min(max(pause, self.ending.wait_seconds), LONGEST_PAUSE_SECONDS)
            self.log(f"the pod does not end; the next try comes in {wait:.0f} s")
            self.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        self.log("the pod has ended")

    def _tried(self, call: Callable[[], Result], otherwise: Result) -> Result:
        """Return what the call returns, `otherwise` when it fails."""
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - whatever cannot be asked or written, the pod has to end all the same
            self.log(f"going on after {type(error).__name__}: {error}")
            return otherwise

    def _tell(self, before: Memory, memory: Memory, end: End, now: float) -> None:
        """Log what changed, and an end that comes near."""
        if memory.ready and not before.ready:
            self.log(f"the worker is ready; it ends after {_clock(self.limits.idle_timeout_seconds)} without use")
        if memory.absent_since is not None and before.absent_since is None:
            self.log("the worker's process is gone")
        left = end.at - now
        warning = min(LONGEST_WARNING_SECONDS, self._limit(end.reason) / 4)
        announced = (end.reason, 0.0 if end.reason is Reason.LIFETIME else memory.moved_at)
        if 0 < left <= warning and not end.in_use and announced != self._announced:
            self._announced = announced
            self.log(f"warning: the pod ends in {_clock(left)}: {self._because(memory, end, now)}")

    def _limit(self, reason: Reason) -> float:
        return {
            Reason.IDLE: self.limits.idle_timeout_seconds,
            Reason.BOOT: self.limits.boot_grace_seconds,
            Reason.LIFETIME: self.limits.lifetime_seconds,
            Reason.GONE: self.limits.silence_timeout_seconds,
        }[reason]

    def _because(self, memory: Memory, end: End, now: float) -> str:
        """Say in one sentence why the end comes."""
        since = _clock(now - memory.moved_at)
        if end.reason is Reason.LIFETIME:
            return f"its lifetime of {_clock(self.limits.lifetime_seconds)} is over"
        if end.reason is Reason.GONE:
            return "its worker's process is gone"
        if end.reason is Reason.BOOT:
            return f"the worker was never ready, and made no progress for {since}"
        silent = memory.answered_at is None or now - memory.answered_at >= self.limits.silence_timeout_seconds
        stalled = " (work that does not move does not count)" if memory.facts and memory.facts.busy else ""
        return f"no use for {since}{' (the worker does not answer)' if silent else stalled}"


def _clock(seconds: float) -> str:
    """Return seconds as h:mm:ss or m:ss; with tenths below ten seconds."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
