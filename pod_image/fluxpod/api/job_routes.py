"""Routes of jobs: put, list, look, follow, cancel, fetch pictures, acknowledge."""

from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from fluxpod.api.event_stream import follow
from fluxpod.jobs.events import EventLog
from fluxpod.jobs.intake import Intake
from fluxpod.protocol import JOB_ID_PATTERN, MOST_PICTURES_PER_JOB, JobList, JobRequest, JobState, JobStatus

JobId = Annotated[str, Path(pattern=JOB_ID_PATTERN)]
PictureNumber = Annotated[int, Path(ge=0, lt=MOST_PICTURES_PER_JOB)]
ListLimit = Annotated[int, Query(ge=1, le=1000)]
DEFAULT_LIST_LIMIT = 50


def job_routes(intake: Intake) -> APIRouter:
    """Given the jobs, return their routes. Plain functions: they may wait for a disk, in a thread of their own."""
    router = APIRouter(prefix="/v1/jobs")
    router.include_router(_single_job(intake))
    router.include_router(_events(intake))
    router.include_router(_pictures(intake))

    @router.get("")
    def list_jobs(  # pyright: ignore[reportUnusedFunction]
        limit: ListLimit = DEFAULT_LIST_LIMIT, state: Annotated[list[JobState] | None, Query()] = None
    ) -> JobList:
        return JobList(jobs=intake.newest(limit, frozenset(state or JobState)))

    return router


def _single_job(intake: Intake) -> APIRouter:
    router = APIRouter()

    @router.put("/{job_id}")
    def put(job_id: JobId, request: JobRequest, response: Response) -> JobStatus:  # pyright: ignore[reportUnusedFunction]
        status, is_new = intake.put(job_id, request)
        response.status_code = 201 if is_new else 200
        return status

    @router.get("/{job_id}")
    def look(job_id: JobId) -> JobStatus:  # pyright: ignore[reportUnusedFunction]
        return intake.status(job_id)

    @router.delete("/{job_id}")
    def cancel(job_id: JobId) -> JobStatus:  # pyright: ignore[reportUnusedFunction]
        return intake.cancel(job_id)

    @router.post("/{job_id}/ack")
    def acknowledge(job_id: JobId) -> JobStatus:  # pyright: ignore[reportUnusedFunction]
        return intake.acknowledge(job_id)

    return router


def _events(intake: Intake) -> APIRouter:
    router = APIRouter()

    def events_of(job_id: JobId) -> EventLog:
        return intake.events(job_id)

    @router.get("/{job_id}/events", response_class=EventSourceResponse)
    async def events(  # pyright: ignore[reportUnusedFunction]
        log: Annotated[EventLog, Depends(events_of)], last_event_id: Annotated[str | None, Header()] = None
    ) -> AsyncIterable[ServerSentEvent]:
        async for event in follow(log, last_event_id):
            yield event

    return router


def _pictures(intake: Intake) -> APIRouter:
    router = APIRouter()

    @router.get("/{job_id}/pictures/{number}")
    def picture(job_id: JobId, number: PictureNumber, if_none_match: Annotated[str | None, Header()] = None) -> Response:  # pyright: ignore[reportUnusedFunction]
        result, path = intake.picture(job_id, number)
        etag = f'"{result.file_sha256}"'
        if if_none_match and etag in (part.strip() for part in if_none_match.split(",")):
            return Response(status_code=304, headers={"ETag": etag})
        return FileResponse(path, media_type="image/png", headers={"ETag": etag})

    return router
