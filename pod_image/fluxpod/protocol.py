"""The worker's HTTP API, version 1, as pydantic models: what fluxctl sends and what fluxpod answers.

Requests refuse unknown fields (the worker answers 422 and names them); replies are read leniently, so that an older
controller understands a newer worker.
"""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PROTOCOL = 1
"""Number of this API. A change that an older reader cannot ignore raises it."""
JOB_ID_PATTERN = r"^[0-9a-f]{32}$"
SIZE_STEP_PIXELS = 16
"""FLUX packs 2x2 latents of 8 pixels: width and height are multiples of 16 (diffusers' pipeline_flux.py, `check_inputs`)."""
SMALLEST_SIDE_PIXELS = 64
LARGEST_SIDE_PIXELS = 4096
LARGEST_SEED = 2**63 - 1
"""torch.Generator.manual_seed takes a signed 64-bit number; a recipe keeps to the non-negative ones."""
MOST_STEPS = 1000
MOST_PICTURES_PER_JOB = 1000
LONGEST_PROMPT_CHARACTERS = 100_000

Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Side = Annotated[int, Field(ge=SMALLEST_SIDE_PIXELS, le=LARGEST_SIDE_PIXELS, multiple_of=SIZE_STEP_PIXELS)]
Prompt = Annotated[str, StringConstraints(max_length=LONGEST_PROMPT_CHARACTERS)]


class Request(BaseModel):
    """Base of what the controller sends: frozen, unknown fields refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """Base of what the worker answers: frozen, unknown fields ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class JobRequest(Request):
    """One recipe, one picture per seed (`PUT /v1/jobs/{id}`)."""

    model: str
    """Name of the model card, for people."""
    source: str
    """`embedded`, a hub id, or an absolute folder."""
    revision: str | None = None
    """Revision of a hub id; None for the newest."""
    prompt: Prompt
    """Goes to T5 (`prompt_2`), whole."""
    clip_prompt: Prompt | None = None
    """Goes to CLIP (`prompt`); None: the same text, of which CLIP reads the first 75 tokens."""
    width: Side
    height: Side
    steps: Annotated[int, Field(ge=1, le=MOST_STEPS)]
    guidance: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    maximum_sequence_length: Annotated[int, Field(ge=16, le=512)]
    """Tokens that T5 gets, padding included."""
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=MOST_PICTURES_PER_JOB)]


class JobState(StrEnum):
    """Life of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Return whether nothing more will happen to the job."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class JobError(Reply):
    """Why a job failed, in words for people; `code` is snake_case for machines."""

    code: str
    message: str


class EnginePlan(Reply):
    """How the engine runs a recipe; equal recipes under equal plans give equal pixels."""

    device: str
    precision: str
    versions: dict[str, str]
    """Package name → version, for the packages that decide pixels."""


class PictureResult(Reply):
    """One finished picture of a job."""

    index: int
    seed: int
    width: int
    height: int
    steps: int
    sha256: str
    """Hash of width and height (decimal, `{width}x{height}:`) and the raw RGB bytes, hexadecimal."""
    file_sha256: str
    """Hash of the PNG file on the worker: the ETag."""
    file_bytes: int
    duration_seconds: float
    """Encoders, denoising and VAE."""
    plan: EnginePlan


class JobStatus(Reply):
    """A job as the worker knows it."""

    id: str
    pod_id: str
    state: JobState
    request: JobRequest
    position: int | None = None
    """Jobs before this one in the queue; None unless queued."""
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None
    pictures: tuple[PictureResult, ...] = ()
    error: JobError | None = None
    attempt: int = 0
    """How often the job was started."""
    acknowledged: bool = False


class JobList(Reply):
    """Newest first."""

    jobs: tuple[JobStatus, ...]


class QueuedEvent(Reply):
    """The job waits."""

    type: Literal["queued"] = "queued"
    position: int


class StartedEvent(Reply):
    """The engine begins, or begins again after the worker was killed."""

    type: Literal["started"] = "started"
    attempt: int


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
    QueuedEvent | StartedEvent | StepEvent | PictureEvent | DoneEvent | FailedEvent | CancelledEvent,
    Field(discriminator="type"),
]


class Phase(StrEnum):
    """Where a worker stands."""

    BOOTING = "booting"
    DOWNLOADING = "downloading"
    LOADING = "loading"
    WARMING = "warming"
    READY = "ready"
    DRAINING = "draining"
    FAILED = "failed"


class Health(Reply):
    """`GET /v1/health`."""

    phase: Phase
    detail: str = ""
    """One sentence: what is being done, or why it failed."""
    seconds_in_phase: float
    bytes_done: int | None = None
    bytes_total: int | None = None
    protocol: int = PROTOCOL
    version: str
    source_hash: str
    """Hash of the fluxpod sources that are running."""
    features: tuple[str, ...]
    pod_id: str
    model: str | None = None
    """Card name of the loaded model."""
    plan: EnginePlan | None = None


class Idle(Reply):
    """`GET /v1/idle`: facts for the watchdog. Reading them changes nothing."""

    phase: Phase
    activity_seen: int
    """Grows with each use: a job put, a keep."""
    busy: bool
    """A job is queued or running."""
    progress: int
    """Grows with each step, picture, and piece of loading."""
    keep_seconds_left: float = 0.0
    """How long `keep` still holds."""


class KeepRequest(Request):
    """`POST /v1/keep`: at most four hours a call, never past lifetime or budget."""

    seconds: Annotated[float, Field(gt=0, le=14400, allow_inf_nan=False)]


class DrainRequest(Request):
    """`POST /v1/drain`: finish the running picture, take no new jobs. 409 when something began since `activity_seen`."""

    activity_seen: int | None = None
    """None: whatever began since."""


class ErrorReply(Reply):
    """Body of every answer from 400 on."""

    code: str
    message: str


def pixels_sha256(width: int, height: int, rgb: bytes) -> str:
    """Given width and height in pixels and `width * height * 3` bytes of RGB, return the hash that a picture is known by."""
    digest = hashlib.sha256(f"{width}x{height}:".encode())
    digest.update(rgb)
    return digest.hexdigest()


def source_hash() -> str:
    """Return the hash of fluxpod's Python files on disk; the worker keeps it from its start, so that an upgrade shows."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
