"""A recipe: everything that makes the same picture again; and the request that a worker gets for it."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from fluxpod.protocol import TRUE_CFG, JobRequest


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
    negative_prompt: str | None = None
    """What the picture must not show; only together with `true_cfg`."""
    true_cfg: float | None = None
    """Scale of true classifier-free guidance, over 1: each step is made twice, for the prompt and for the negative one."""


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
        **_negative(first),
    )


def _negative(recipe: Recipe) -> dict[str, Any]:
    """Return the fields of a request that an older worker does not know, none where they are not wanted."""
    return {} if recipe.true_cfg is None else {"negative_prompt": recipe.negative_prompt, "true_cfg": recipe.true_cfg}


def features_needed(recipes: Iterable[Recipe]) -> set[str]:
    """Given recipes, return what a worker has to be able to do beside the protocol's first form, by the names in its health."""
    return {TRUE_CFG for recipe in recipes if recipe.true_cfg is not None}
