"""Follows a job's events, and takes the stream up again after the last event when it broke."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from fluxctl.link.connection import Connection
from fluxctl.link.errors import WorkerUnreachableError
from fluxpod.protocol import CancelledEvent, DoneEvent, FailedEvent, JobEvent

MOST_EMPTY_STREAMS = 20
"""A worker that ends the stream this often in a row without a word is given up."""
_EVENT: TypeAdapter[JobEvent] = TypeAdapter(JobEvent)


@dataclass
class Follower:
    """Follows one job. `is_alive` tells whether the worker's process still runs, as far as can be known."""

    connection: Connection
    job_id: str
    silence_seconds: float
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    is_alive: Callable[[], bool]
    _last_event_id: str = ""
    _heard_at: float = 0.0
    _empty_streams: int = 0

    def events(self) -> Iterator[JobEvent]:
        """Yield each event once, until the job ended; raise WorkerUnreachableError when the worker died or stays silent."""
        self._heard_at = self.monotonic()
        while True:
            try:
                for event in self._one_stream():
                    yield event
                    if isinstance(event, DoneEvent | FailedEvent | CancelledEvent):
                        return
            except WorkerUnreachableError as error:
                self._give_up_or_go_on(error)
            if self._empty_streams >= MOST_EMPTY_STREAMS:
                raise WorkerUnreachableError("the worker breaks off every event stream", hint="fluxctl status")
            self.sleep(min(1.0, 0.05 * 2 ** min(self._empty_streams, 5)))

    def _give_up_or_go_on(self, error: WorkerUnreachableError) -> None:
        if not self.is_alive():
            raise WorkerUnreachableError("the worker ended in the middle of the job", hint="fluxctl fetch", code="worker_died") from error
        if self.monotonic() - self._heard_at >= self.silence_seconds:
            raise error

    def _one_stream(self) -> Iterator[JobEvent]:
        """Yield what one connection brings; leave out kinds of events that only a newer worker knows."""
        from httpx_sse import EventSource

        resume = {"Last-Event-ID": self._last_event_id} if self._last_event_id else {}
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store", **resume}
        self._empty_streams += 1
        with self.connection.stream(f"/v1/jobs/{self.job_id}/events", headers) as response:
            self._heard_at = self.monotonic()
            for sent in EventSource(response).iter_sse():
                self._heard_at, self._empty_streams = self.monotonic(), 0
                event = _read(sent.data)
                if event is not None:
                    yield event
                self._last_event_id = sent.id or self._last_event_id


def _read(data: str) -> JobEvent | None:
    try:
        return _EVENT.validate_json(data)
    except ValidationError:
        return None
