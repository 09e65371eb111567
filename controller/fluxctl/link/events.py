"""Follows a job's events, and takes the stream up again after the last event when it broke."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from fluxctl.link.connection import Connection, Timeouts
from fluxctl.link.errors import WorkerSilentError, WorkerUnreachableError
from fluxpod.protocol import CancelledEvent, DoneEvent, FailedEvent, JobEvent

MOST_EMPTY_STREAMS = 20
"""A worker that ends the stream this often in a row without a word is given up."""
_PROBE_PAUSE_SECONDS = 1.0
_EVENT: TypeAdapter[JobEvent] = TypeAdapter(JobEvent)


@dataclass
class Follower:
    """Follows one job. `is_alive` tells whether the worker's process still runs, as far as can be known."""

    connection: Connection
    job_id: str
    timeouts: Timeouts
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    is_alive: Callable[[], bool]
    _last_event_id: str = ""
    _heard_at: float = 0.0
    _empty_streams: int = 0
    """Streams in a row that the worker ended without an event; one on which it was only silent is none."""

    def events(self) -> Iterator[JobEvent]:
        """Yield each event once, until the job ended; raise WorkerUnreachableError when the worker died or gives no sign of life."""
        self._heard_at = self.monotonic()
        while True:
            self._empty_streams += 1
            try:
                for event in self._one_stream():
                    yield event
                    if isinstance(event, DoneEvent | FailedEvent | CancelledEvent):
                        return
            except WorkerSilentError as error:
                self._await_answer(error)
                self._empty_streams = max(0, self._empty_streams - 1)
            except WorkerUnreachableError as error:
                self._await_answer(error)
            if self._empty_streams >= MOST_EMPTY_STREAMS:
                raise WorkerUnreachableError("the worker breaks off every event stream", hint="fluxctl status")
            self.sleep(min(1.0, 0.05 * 2 ** min(self._empty_streams, 5)))

    def _await_answer(self, error: WorkerUnreachableError) -> None:
        """Given why a stream broke, return when the worker answers; raise when it died, or has been silent for too long."""
        while True:
            if not self.is_alive():
                why = "the worker ended in the middle of the job"
                raise WorkerUnreachableError(why, hint="fluxctl fetch", code="worker_died") from error
            if self._answers():
                break
            if self.monotonic() - self._heard_at >= self.timeouts.silence_seconds:
                raise error
            self.sleep(_PROBE_PAUSE_SECONDS)
        self._heard_at = self.monotonic()

    def _answers(self) -> bool:
        try:
            self.connection.request("GET", "/v1/health", quick=True)
        except WorkerUnreachableError:
            return False
        return True

    def _one_stream(self) -> Iterator[JobEvent]:
        """Yield what one connection brings; leave out kinds of events that only a newer worker knows."""
        from httpx_sse import EventSource

        resume = {"Last-Event-ID": self._last_event_id} if self._last_event_id else {}
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store", **resume}
        with self.connection.stream(f"/v1/jobs/{self.job_id}/events", headers, events=True) as response:
            try:
                for sent in EventSource(response).iter_sse():
                    self._empty_streams = 0
                    event = _read(sent.data)
                    if event is not None:
                        yield event
                    self._last_event_id = sent.id or self._last_event_id
            finally:
                # However the stream broke: its last sign of life, event or not, is no older than its patience.
                self._heard_at = max(self._heard_at, self.monotonic() - self.timeouts.stream_seconds)


def _read(data: str) -> JobEvent | None:
    try:
        return _EVENT.validate_json(data)
    except ValidationError:
        return None
