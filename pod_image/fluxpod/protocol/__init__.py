"""The worker's HTTP API, version 1, as pydantic models: what fluxctl sends and what fluxpod answers.

Requests refuse unknown fields (the worker answers 422 and names them); replies are read leniently, so that an older
controller understands a newer worker.
"""

from fluxpod.protocol.events import CancelledEvent, DoneEvent, FailedEvent, JobEvent, PictureEvent, QueuedEvent, StartedEvent, StepEvent
from fluxpod.protocol.hashes import pixels_sha256, source_hash
from fluxpod.protocol.jobs import (
    JOB_ID_PATTERN,
    LARGEST_SEED,
    LARGEST_SIDE_PIXELS,
    LONGEST_PROMPT_CHARACTERS,
    MOST_PICTURES_PER_JOB,
    MOST_STEPS,
    SIZE_STEP_PIXELS,
    SMALLEST_SIDE_PIXELS,
    EnginePlan,
    JobError,
    JobList,
    JobRequest,
    JobState,
    JobStatus,
    PictureResult,
    Prompt,
    Seed,
    Side,
)
from fluxpod.protocol.messages import ErrorReply, Reply, Request
from fluxpod.protocol.worker import PROTOCOL, DrainRequest, Health, Idle, KeepRequest, Phase

__all__ = [
    "JOB_ID_PATTERN",
    "LARGEST_SEED",
    "LARGEST_SIDE_PIXELS",
    "LONGEST_PROMPT_CHARACTERS",
    "MOST_PICTURES_PER_JOB",
    "MOST_STEPS",
    "PROTOCOL",
    "SIZE_STEP_PIXELS",
    "SMALLEST_SIDE_PIXELS",
    "CancelledEvent",
    "DoneEvent",
    "DrainRequest",
    "EnginePlan",
    "ErrorReply",
    "FailedEvent",
    "Health",
    "Idle",
    "JobError",
    "JobEvent",
    "JobList",
    "JobRequest",
    "JobState",
    "JobStatus",
    "KeepRequest",
    "Phase",
    "PictureEvent",
    "PictureResult",
    "Prompt",
    "QueuedEvent",
    "Reply",
    "Request",
    "Seed",
    "Side",
    "StartedEvent",
    "StepEvent",
    "pixels_sha256",
    "source_hash",
]
