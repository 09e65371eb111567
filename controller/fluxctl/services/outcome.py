"""What a `gen` or `fetch` has done so far; it fills up while the command runs, so that an interruption can still report."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fluxctl.errors import FluxctlError
from fluxctl.recipe import PromptText, Recipe
from fluxpod.protocol import PictureResult, TextReport

SCHEMA = 1
"""Version of the JSON object; a change that a reader cannot ignore raises it."""


@dataclass(frozen=True)
class Made:
    """One picture that is on this computer."""

    job_id: str
    path: Path
    recipe: Recipe
    result: PictureResult
    """What the worker said of it."""
    text: TextReport | None = None
    """How its prompt went into the encoders; None where an older worker did not tell."""
    identity: str | None = None
    """Which picture of which run it is."""

    def document(self) -> dict[str, Any]:
        """Return the picture's part of the JSON object."""
        prompt: PromptText = self.recipe.prompt
        return {
            "job_id": self.job_id,
            "path": str(self.path),
            "seed": self.recipe.seed,
            "width": self.result.width,
            "height": self.result.height,
            "steps": self.recipe.steps,
            "sha256": self.result.sha256,
            "prompt": {"typed": prompt.typed, "used": prompt.used, "enhanced": prompt.enhanced},
            "text": self.text and self.text.model_dump(mode="json"),
            "duration_seconds": round(self.result.duration_seconds, 3),
        }


@dataclass
class Outcome:
    """The whole command; seconds are those that passed on this computer."""

    provider: str | None = None
    model: str | None = None
    job_ids: list[str] = field(default_factory=list[str])
    pictures: list[Made] = field(default_factory=list[Made])
    texts: dict[str, TextReport] = field(default_factory=dict[str, TextReport])
    """Job → how its prompt went into the encoders."""
    kept: list[Path] = field(default_factory=list[Path])
    """Pictures of an earlier run of the same prompt file, which were not made again."""
    grid: Path | None = None
    """The contact sheet."""
    ready_seconds: float = 0.0
    """Until a worker was ready."""
    total_seconds: float = 0.0
    cost_usd: float | None = None

    def add(self, made: Made, cost_usd: float) -> None:
        """Take in a picture that is home, and what its making cost."""
        self.pictures.append(made)
        self.cost_usd = (self.cost_usd or 0.0) + cost_usd

    @property
    def denoise_seconds(self) -> float:
        """Return the worker's time for the pictures that came home."""
        return sum(made.result.duration_seconds for made in self.pictures)

    def document(self, problem: FluxctlError | None = None) -> dict[str, Any]:
        """Return the JSON object of `gen --json`, also for a failure."""
        return {
            "schema": SCHEMA,
            "provider": self.provider,
            "model": self.model,
            "jobs": self.job_ids,
            "pictures": [made.document() for made in self.pictures],
            "kept": [str(path) for path in self.kept],
            "grid": self.grid and str(self.grid),
            "timings": {
                "ready_seconds": round(self.ready_seconds, 3),
                "denoise_seconds": round(self.denoise_seconds, 3),
                "total_seconds": round(self.total_seconds, 3),
            },
            "cost_usd": self.cost_usd,
            "error": problem and {"code": problem.code, "message": problem.message, "hint": problem.hint},
        }
