"""What is told about a job while it runs, as server-sent events."""

from typing import Annotated, Literal

from pydantic import Field

from fluxpod.protocol.jobs import JobError, PictureResult, TextReport
from fluxpod.protocol.messages import Reply


class QueuedEvent(Reply):
    """The job waits."""

    type: Literal["queued"] = "queued"
    position: int


class StartedEvent(Reply):
    """The engine begins, or begins again after the worker was killed."""

    type: Literal["started"] = "started"
    attempt: int


class TextEvent(Reply):
    """The prompt was counted, before the first step."""

    type: Literal["text"] = "text"
    text: TextReport


class StepEvent(Reply):
    """One denoising step of one picture is done."""

    type: Literal["step"] = "step"
    index: int
    """Which picture of the job, from 0."""
    step: int
    """From 1."""
    steps: int
    """Steps that really run for this picture."""
    iterations_per_second: float
    seconds_left: float
    """For the rest of the job."""


class PictureEvent(Reply):
    """A picture is on the volume and can be fetched."""

    type: Literal["picture"] = "picture"
    picture: PictureResult


class DoneEvent(Reply):
    """Every picture is done."""

    type: Literal["done"] = "done"


class FailedEvent(Reply):
    """The job failed; finished pictures stay."""

    type: Literal["failed"] = "failed"
    error: JobError


class CancelledEvent(Reply):
    """The job was cancelled; finished pictures stay."""

    type: Literal["cancelled"] = "cancelled"


JobEvent = Annotated[
    QueuedEvent | StartedEvent | TextEvent | StepEvent | PictureEvent | DoneEvent | FailedEvent | CancelledEvent,
    Field(discriminator="type"),
]
