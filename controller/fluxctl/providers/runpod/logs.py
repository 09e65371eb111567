"""Reads a pod's log streams, which RunPod never ends by itself: the last lines, or every new one over broken connections."""

import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fluxctl.output.plain import one_line
from fluxctl.pods.rental import RentalState
from fluxctl.providers.runpod import from_rest, reading
from fluxctl.providers.runpod.answer import Answer, no_answer
from fluxctl.providers.runpod.classify import Kind, passes, trouble_of
from fluxctl.providers.runpod.refusal import error_of
from fluxctl.providers.runpod.rest import pod_path
from fluxctl.providers.runpod.rest_http import RestCaller, StreamBrokenError
from fluxctl.providers.runpod.retrying import FIRST_PAUSE_SECONDS, MOST_TRIES, Calls

SYSTEM, CONTAINER = "system", "container"
MOST_LINES = 5000
QUIET_SECONDS = 0.7
"""After so long without a line, what was there before has come."""
LONGEST_READ_SECONDS = 6.0
"""A log that grows faster than it is read."""
SILENCE_SECONDS = 60.0
"""Between two signs of life of a stream that is followed."""
LOOK_SECONDS = 10.0
"""Without a line, after which it is asked whether the pod still runs."""
LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Line:
    """One line of a log, and the id after which a stream can be taken up again."""

    id: str
    text: str


@dataclass
class PodLog:
    """One log of one pod."""

    calls: Calls
    http: RestCaller
    pod_id: str
    source: str

    def last(self, tail: int) -> tuple[str, ...]:
        """Return the last `tail` lines; raise our error when the log cannot be read."""
        found: list[str] = []

        def read() -> Answer:
            found.clear()
            with self._stream(tail, "", QUIET_SECONDS) as (answer, lines):
                try:
                    found.extend(_until_quiet(lines, tail))
                except StreamBrokenError:
                    # What has come by then is the log; nothing is not an empty one.
                    return answer if found else no_answer("the connection broke", sent=True, hidden=self.http.hidden)
            return answer

        self.calls.well(self._what, read)
        return tuple(found)

    def followed(self, tail: int) -> Iterator[str]:
        """Yield the last `tail` lines, then each new one, each once, until the pod is gone or stopped."""
        last, failures, empty = Line("", ""), 0, 0
        while True:
            empty += 1
            with self._stream(tail, last.id, SILENCE_SECONDS) as (answer, lines):
                trouble = trouble_of(answer)
                for line in self._unheard(lines, last):
                    last, empty = line, 0
                    yield line.text
            failures = 0 if trouble is None else failures + 1
            if trouble is not None and trouble.kind is Kind.NOT_FOUND and last.id:
                return
            if trouble is not None and not (passes(trouble) and failures < MOST_TRIES):
                raise error_of(self._what, trouble)
            if trouble is None and self._is_over():
                return
            self.calls.environment.sleep(min(FIRST_PAUSE_SECONDS * 2 ** min(empty + failures, 5), LONGEST_PAUSE_SECONDS))

    @property
    def _what(self) -> str:
        return f"show the {self.source} log of the pod {self.pod_id}"

    @contextmanager
    def _stream(self, tail: int, resume: str, read_seconds: float) -> Generator[tuple[Answer, Iterator["Line | None"]]]:
        """Open the stream: how it began, and its lines. What breaks on the way reads as its end."""
        query = {"source": self.source, "tail": str(min(max(tail, 0), MOST_LINES))}
        with self.http.stream(f"{pod_path(self.pod_id)}/logs", query, resume, read_seconds) as (answer, lines):
            yield answer, _events(lines)

    def _unheard(self, lines: Iterator[Line | None], last: Line) -> Iterator[Line]:
        """Yield the lines after the one that was heard last, until the stream ends or breaks (it may begin with that one again), or has
        nothing more to tell: that of a pod that has stopped gives signs of life for ever."""
        looked = time.monotonic()
        try:
            for line in lines:
                if line is not None and not (line.id and line == last):
                    looked = time.monotonic()
                    yield line
                elif time.monotonic() - looked > LOOK_SECONDS:
                    looked = time.monotonic()
                    if self._is_over():
                        return
        except StreamBrokenError:
            return

    def _is_over(self) -> bool:
        """Return whether the pod whose log is followed writes no more; what cannot be told is tried again."""
        answer, trouble = self.calls.patiently(lambda: self.http.ask("GET", pod_path(self.pod_id), hidden=self.http.hidden))
        if trouble is not None:
            return trouble.kind is Kind.NOT_FOUND
        found = from_rest.rental_in(answer)
        return found is not None and found.state in (RentalState.GONE, RentalState.STOPPED)


def _until_quiet(lines: Iterator[Line | None], most: int) -> Iterator[str]:
    """Yield what comes before the stream falls silent; a sign of life that is no line does not count."""
    begun = heard = time.monotonic()
    for line in lines:
        now = time.monotonic()
        if line is not None:
            yield line.text
            most -= 1
            heard = now
        if most <= 0 or now - heard > QUIET_SECONDS or now - begun > LONGEST_READ_SECONDS:
            return


def _events(lines: Iterator[str]) -> Iterator[Line | None]:
    """Given the lines of a stream of server-sent events, yield each log line, and None for every other sign of life."""
    event_id, data = "", ""
    for line in lines:
        name, _, value = line.partition(":")
        if name == "id":
            event_id = value.strip() if value.isascii() else ""
        elif name == "data":
            data += value.removeprefix(" ")
        if line or not data:
            yield None
        else:
            yield Line(event_id, _text(data))
            data = ""


def _text(data: str) -> str:
    """Return the line that an event's data holds, safe to print; data of another form as it is."""
    try:
        said = reading.mapping(json.loads(data)).get("line")
    except ValueError:
        said = None
    return one_line(said if isinstance(said, str) else data)
