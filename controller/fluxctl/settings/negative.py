"""Decides what a picture must not show: a negative prompt works only with true classifier-free guidance, at twice the time."""

import math

from fluxctl.errors import UsageError
from fluxctl.settings.limits import checked_text
from fluxctl.settings.said import FROM, Said, first
from fluxctl.wish import Wish
from fluxpod.protocol import LARGEST_TRUE_CFG

_RANGE = f"1 (off) to {LARGEST_TRUE_CFG}"
TWICE = "true guidance makes every step twice: each picture takes twice the time"


def negative_for(wish: Wish) -> tuple[str | None, float | None]:
    """Given a wish, return its negative prompt and the scale of true guidance, None for neither; raise UsageError for what does nothing.

    A scale alone guides away from the empty prompt. A scale of 1 is off, also for a picture of `--from` that had one.
    """
    recipe = wish.recipe
    scale = first(Said(wish.true_cfg, "--true-cfg"), Said(recipe and recipe.true_cfg, FROM), Said(1.0, "by default"))
    if not (math.isfinite(scale.value) and 1 <= scale.value <= LARGEST_TRUE_CFG):
        raise UsageError(
            f"true guidance {scale.value:g} ({scale.by}) is out of range: {_RANGE}", hint="--true-cfg 2", code="true_cfg_out_of_range"
        )
    if scale.value == 1:
        if wish.negative is not None:
            raise _ignored()
        return None, None
    text = first(Said(wish.negative, "--negative"), Said(recipe and recipe.negative_prompt, FROM), Said("", "by default"))
    return checked_text(text), scale.value


def _ignored() -> UsageError:
    why = "FLUX ignores a negative prompt unless true classifier-free guidance is over 1, and then a picture takes twice the time"
    return UsageError(
        f"--negative does nothing by itself: {why}",
        hint="add --true-cfg 2, or say in the prompt what is there instead",
        code="negative_ignored",
    )
