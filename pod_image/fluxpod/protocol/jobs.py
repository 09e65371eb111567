"""A job: the recipe that is asked for, and what became of it."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from fluxpod.protocol.messages import Reply, Request

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
LARGEST_TRUE_CFG = 100
TRUE_CFG = "true_cfg"
"""Feature: `negative_prompt` and `true_cfg` are understood."""
TEXT = "text"
"""Feature: jobs tell how much of their text the encoders read."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("the text holds a NUL character, which no picture's metadata can keep")
    return text


Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Side = Annotated[int, Field(ge=SMALLEST_SIDE_PIXELS, le=LARGEST_SIDE_PIXELS, multiple_of=SIZE_STEP_PIXELS)]
Prompt = Annotated[str, StringConstraints(max_length=LONGEST_PROMPT_CHARACTERS), AfterValidator(_without_nul)]


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
    negative_prompt: Prompt | None = None
    """Goes to both encoders; None: the empty text. Does nothing without `true_cfg`."""
    true_cfg: Annotated[float, Field(gt=1, le=LARGEST_TRUE_CFG, allow_inf_nan=False)] | None = None
    """Scale of true classifier-free guidance; None: off."""


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


class TextReport(Reply):
    """How a prompt went into the encoders, counted by the model's own tokenizers."""

    clip_tokens: int
    """Of the text for CLIP, without the marks around it."""
    clip_limit: int
    t5_tokens: int
    """Of the whole prompt, the end mark included."""
    t5_limit: int
    lost: str = ""
    """What T5 does not hold of the prompt, word for word."""


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
    text: TextReport | None = None
    """None until the engine has begun."""
    error: JobError | None = None
    attempt: int = 0
    """How often the job was started."""
    acknowledged: bool = False


class JobList(Reply):
    """Newest first."""

    jobs: tuple[JobStatus, ...]
