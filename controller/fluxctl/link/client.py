"""A worker as fluxctl sees it: each route of its API as a typed method."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from fluxctl.link.connection import Connection, Timeouts, on_this_computer
from fluxctl.link.download import download
from fluxctl.link.errors import JobConflictError, WorkerUnreachableError
from fluxctl.link.events import Follower
from fluxpod.protocol import (
    DrainRequest,
    Health,
    Idle,
    JobEvent,
    JobList,
    JobRequest,
    JobState,
    JobStatus,
    KeepRequest,
    PictureResult,
    Reply,
)

Answer = TypeVar("Answer", bound=Reply)


def _assume_alive() -> bool:
    return True


class WorkerClient:
    """Speaks to one worker. Every method raises WorkerUnreachableError when nobody answers in time, and what `link.errors` lists."""

    def __init__(
        self,
        socket: Path,
        token: str,
        *,
        timeouts: Timeouts | None = None,
        is_alive: Callable[[], bool] = _assume_alive,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        way: Callable[[], bool] = on_this_computer,
    ) -> None:
        """Given the worker's unix socket and token; `is_alive` tells whether its process still runs, as far as can be known, `way`
        makes sure that the socket leads to it: see `Connection`."""
        self._timeouts = timeouts or Timeouts()
        self._connection = Connection(socket, token, self._timeouts, way)
        self._is_alive = is_alive
        self._monotonic = monotonic
        self._sleep = sleep

    def health(self) -> Health:
        """Return where the worker stands."""
        return self._ask(Health, "GET", "/v1/health", quick=True)

    def idle(self) -> Idle:
        """Return the facts that the watchdog judges; asking changes nothing."""
        return self._ask(Idle, "GET", "/v1/idle", quick=True)

    def put_job(self, job_id: str, request: JobRequest) -> JobStatus:
        """Put a job under its id, or rejoin it, and return it; raise JobConflictError when the id stands for another recipe,
        RecipeRefusedError for a bad field, QueueFullError, or WorkerDrainingError when a new worker is needed."""
        body = request.model_dump(mode="json", exclude_none=True)
        return self._ask(JobStatus, "PUT", f"/v1/jobs/{job_id}", body)

    def job(self, job_id: str, *, quick: bool = False) -> JobStatus:
        """Return a job; raise UnknownJobError when the worker has none of that id. `quick`: a worker that is slow is not waited for."""
        return self._ask(JobStatus, "GET", f"/v1/jobs/{job_id}", quick=quick)

    def jobs(self, states: Iterable[JobState] = (), limit: int = 1000, *, quick: bool = False) -> tuple[JobStatus, ...]:
        """Return the worker's jobs in one of `states` (none named: in any), at most `limit`: unfinished ones first, the newest first.
        `quick`: a worker that is slow is not waited for."""
        query = "&".join([f"limit={limit}", *(f"state={state}" for state in states)])
        return self._ask(JobList, "GET", f"/v1/jobs?{query}", quick=quick).jobs

    def events(self, job_id: str) -> Iterator[JobEvent]:
        """Yield what happens to a job, from its beginning to its end, each event once, also over broken connections;
        raise WorkerUnreachableError (code `worker_died` when its process ended). A worker that has nothing to tell is followed as long
        as it answers."""
        follower = Follower(self._connection, job_id, self._timeouts, self._monotonic, self._sleep, self._is_alive)
        return follower.events()

    def cancel(self, job_id: str) -> None:
        """Cancel a job; it stops within one step, and finished pictures stay."""
        self._connection.request("DELETE", f"/v1/jobs/{job_id}")

    def picture(self, job_id: str, picture: PictureResult) -> bytes:
        """Return the PNG file of a finished picture, checked against its `file_sha256`; raise NotSavedError when it stays damaged."""
        return download(self._connection, job_id, picture, self._sleep)

    def ack(self, job_id: str) -> None:
        """Say that all pictures of a job are at home and verified: the worker may delete them."""
        self._connection.request("POST", f"/v1/jobs/{job_id}/ack")

    def keep(self, seconds: float) -> None:
        """Move the idle deadline to `seconds` from now, at most four hours; lifetime stays."""
        self._connection.request("POST", "/v1/keep", KeepRequest(seconds=seconds).model_dump(mode="json"), quick=True)

    def drain(self, activity_seen: int | None = None) -> bool:
        """Ask the worker to finish the running picture and take no new jobs; return False when something began since `activity_seen`."""
        try:
            body = DrainRequest(activity_seen=activity_seen).model_dump(mode="json")
            self._connection.request("POST", "/v1/drain", body, quick=True)
        except JobConflictError:
            return False
        return True

    def _ask(self, kind: type[Answer], method: str, path: str, body: Any = None, *, quick: bool = False) -> Answer:
        try:
            return kind.model_validate_json(self._connection.request(method, path, body, quick=quick))
        except ValidationError as error:
            what = f"{method} {path}: {error.error_count()} fields of {kind.__name__} cannot be read"
            raise WorkerUnreachableError(f"the worker's answer makes no sense ({what})", hint="fluxctl down, then try again") from error

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
