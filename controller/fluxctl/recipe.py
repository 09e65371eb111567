"""A recipe: everything that makes the same picture again; and the request that a worker gets for it."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from fluxpod.protocol import JobRequest


class PromptText(BaseModel):
    """A prompt as typed and as used; they differ when it was enhanced."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    typed: str
    used: str
    enhanced: bool = False
    enhancer: str | None = None
    """Id of the language model that wrote `used`; None: not enhanced."""
    instructions_sha256: str | None = None
    """Of the instructions that it had; None: not enhanced."""


class Recipe(BaseModel):
    """One picture. Unknown fields are ignored, so that a newer file can be read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    model: str
    """Name of the model card."""
    source: str
    """`embedded`, a hub id, or an absolute folder."""
    revision: str | None = None
    prompt: PromptText
    clip_prompt: str | None = None
    """What CLIP reads; None: the prompt."""
    width: int
    """Pixels, a multiple of 16."""
    height: int
    """Pixels, a multiple of 16."""
    steps: int
    guidance: float
    maximum_sequence_length: int
    """Tokens that T5 gets."""
    seed: int


def job_request(recipes: Sequence[Recipe]) -> JobRequest:
    """Given recipes that differ in their seeds alone, return the one job that makes them, in their order."""
    first = recipes[0]
    return JobRequest(
        model=first.model,
        source=first.source,
        revision=first.revision,
        prompt=first.prompt.used,
        clip_prompt=first.clip_prompt,
        width=first.width,
        height=first.height,
        steps=first.steps,
        guidance=first.guidance,
        maximum_sequence_length=first.maximum_sequence_length,
        seeds=tuple(recipe.seed for recipe in recipes),
    )
