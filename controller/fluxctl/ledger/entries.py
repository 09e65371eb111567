"""What the ledger holds: a job, and a picture that was brought home. Times are seconds since 1970 (UTC)."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

JobState = Literal["open", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class JobEntry:
    """One job that was handed to a worker."""

    id: str
    """32 hex digits."""
    provider: str
    pod_id: str
    model: str
    """Name of the model card."""
    order: Mapping[str, Any]
    """What `fetch` needs to save the pictures the same way: recipes, destination, …; JSON can hold it."""
    created_at: float
    picture_count: int
    """Pictures that were ordered."""
    state: JobState = "open"
    """`open` until everything that will ever come of it is on this computer."""
    ended_at: float | None = None

    def row(self) -> tuple[Any, ...]:
        """Return the values of the columns of `jobs`, in their order."""
        order = json.dumps(dict(self.order), separators=(",", ":"))
        return (self.id, self.provider, self.pod_id, self.model, order, self.state, self.created_at, self.ended_at, self.picture_count)

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> "JobEntry":
        """Given the columns of `jobs`, return the entry."""
        identity, provider, pod_id, model, order, state, created_at, ended_at, picture_count = row
        return cls(
            id=identity,
            provider=provider,
            pod_id=pod_id,
            model=model,
            order=order_from_column(order),
            created_at=created_at,
            picture_count=picture_count,
            state=state,
            ended_at=ended_at,
        )


@dataclass(frozen=True)
class PictureEntry:
    """One picture that was saved."""

    job_id: str
    index: int
    """Which picture of the job, from 0."""
    path: Path
    seed: int
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    steps: int
    sha256: str
    """Of the pixels that the worker made: `protocol.pixels_sha256`."""
    prompt_typed: str
    prompt_used: str
    model: str
    duration_seconds: float
    """Encoders, denoising and VAE."""
    created_at: float
    """When it was saved."""
    cost_usd: float | None = None
    identity: str | None = None
    """Which picture of which run of a prompt file it is: the run's id, a hyphen, a hash; None: of none."""

    def row(self) -> tuple[Any, ...]:
        """Return the values of the columns of `pictures`, in their order."""
        return (
            self.job_id,
            self.index,
            path_to_column(self.path),
            self.seed,
            self.width,
            self.height,
            self.steps,
            self.sha256,
            self.prompt_typed,
            None if self.prompt_used == self.prompt_typed else self.prompt_used,
            self.model,
            self.duration_seconds,
            self.created_at,
            self.cost_usd,
            self.identity,
            searchable(self),
        )

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> "PictureEntry":
        """Given the columns of `pictures` without the searchable one, return the entry."""
        job_id, index, path, seed, width, height, steps, sha256, typed, used, model, duration, created_at, cost, identity = row
        return cls(
            job_id=job_id,
            index=index,
            path=Path(os.fsdecode(path)),
            seed=seed,
            width=width,
            height=height,
            steps=steps,
            sha256=sha256,
            prompt_typed=typed,
            prompt_used=typed if used is None else used,
            model=model,
            duration_seconds=duration,
            created_at=created_at,
            cost_usd=cost,
            identity=identity,
        )


def order_from_column(text: str | bytes) -> Mapping[str, Any]:
    """Given the column, return the order; an empty one where it is damaged, so that one job never hides the others."""
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return {}


@dataclass(frozen=True)
class PromptRun:
    """What has to stay the same when a prompt file is run again into the same place."""

    id: str
    """32 hex digits."""
    seed: int
    """For prompts whose seed nobody named."""


def path_to_column(path: Path) -> str | bytes:
    """Given a path, return text; the bytes themselves where the name is not valid UTF-8."""
    raw = os.fsencode(path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def searchable(picture: PictureEntry) -> str:
    """Return the text in which `history WORDS` looks: prompts, model, path and seed, without upper and lower case."""
    used = "" if picture.prompt_used == picture.prompt_typed else picture.prompt_used
    path = os.fsencode(picture.path).decode("utf-8", "replace")
    return "\n".join((picture.prompt_typed, used, picture.model, path, str(picture.seed))).casefold()
