"""Writes the text that other programs read a recipe from: A1111's `parameters`."""

import json
import re

from fluxctl import __version__
from fluxctl.recipe import Recipe

_NEEDS_QUOTES = re.compile(r"[,:\n]")


def parameters_text(recipe: Recipe) -> str:
    """Given a recipe, return the prompt that was used, the negative one and, as the last line, the pairs that begin with `Steps:`."""
    pairs = {
        "Steps": str(recipe.steps),
        "Sampler": "Euler",
        "CFG scale": f"{recipe.guidance:g}",
        "Seed": str(recipe.seed),
        "Size": f"{recipe.width}x{recipe.height}",
        "Model": recipe.model,
        "Version": f"fluxctl {__version__}",
    }
    negative = f"Negative prompt: {recipe.negative_prompt}\n" if recipe.negative_prompt else ""
    if recipe.true_cfg is not None:
        pairs["True CFG scale"] = f"{recipe.true_cfg:g}"
    return f"{recipe.prompt.used}\n{negative}" + ", ".join(f"{key}: {_quoted(value)}" for key, value in pairs.items())


def is_parameters_text(text: str) -> bool:
    """Return whether a text reads like A1111's."""
    return "Steps:" in text


def _quoted(value: str) -> str:
    """Given a value, return it as A1111's reader wants it: as a JSON string when it holds a comma, a colon or a new line."""
    return json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES.search(value) else value
