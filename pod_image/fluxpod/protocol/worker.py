"""The worker itself: its health, the facts for the watchdog, and what can be asked of it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from fluxpod.protocol.jobs import EnginePlan
from fluxpod.protocol.messages import Reply, Request

PROTOCOL = 1
"""Number of this API. A change that an older reader cannot ignore raises it."""


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
