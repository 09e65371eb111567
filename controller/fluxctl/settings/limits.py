"""Checks the single fields of a recipe, wherever they were said, before anything is started for them."""

import math

from fluxctl.errors import UsageError
from fluxctl.settings.model import LARGEST_GUIDANCE
from fluxctl.settings.said import Said
from fluxpod.protocol import LONGEST_PROMPT_CHARACTERS, MOST_STEPS

_SEQUENCE_LENGTHS = range(16, 513)


def checked_steps(said: Said[int]) -> int:
    """Return the steps; raise UsageError if no worker takes so many."""
    if not 1 <= said.value <= MOST_STEPS:
        raise UsageError(
            f"{shown(said.value)} steps ({said.by}) are out of range: 1 to {MOST_STEPS}", hint="--steps 28", code="steps_out_of_range"
        )
    return said.value


def checked_guidance(said: Said[float]) -> float:
    """Return the guidance; raise UsageError if it is no number from 0 to 100."""
    if not (math.isfinite(said.value) and 0 <= said.value <= LARGEST_GUIDANCE):
        raise UsageError(
            f"guidance {said.value:g} ({said.by}) is out of range: 0 to {LARGEST_GUIDANCE}",
            hint="--guidance 3.5",
            code="guidance_out_of_range",
        )
    return float(said.value)


def checked_sequence_length(said: Said[int]) -> int:
    """Return the tokens that T5 gets; raise UsageError if T5 does not take so many."""
    if said.value not in _SEQUENCE_LENGTHS:
        raise UsageError(
            f"a text length of {shown(said.value)} tokens ({said.by}) is out of range: {_SEQUENCE_LENGTHS[0]} to {_SEQUENCE_LENGTHS[-1]}",
            hint="fluxctl show PICTURE",
            code="sequence_length_out_of_range",
        )
    return said.value


def checked_prompt(said: Said[str]) -> str:
    """Return the prompt as it is; raise UsageError if it is empty, too long, or not text."""
    prompt = said.value
    if not prompt.strip():
        raise UsageError(f"{said.by} is empty: say what the picture shows", hint='fluxctl gen "a red fox in snow"', code="empty_prompt")
    return checked_text(said)


def checked_text(said: Said[str]) -> str:
    """Return a text as it is; raise UsageError if it is too long, or not text."""
    prompt = said.value
    if len(prompt) > LONGEST_PROMPT_CHARACTERS:
        text = f"{said.by} has {len(prompt)} characters; the most is {LONGEST_PROMPT_CHARACTERS}, and FLUX reads about the first 2000"
        raise UsageError(text, hint="make it shorter", code="prompt_too_long")
    if "\0" in prompt:
        raise UsageError(f"{said.by} holds a NUL character, which no picture file can", hint="take it out", code="prompt_not_text")
    try:
        prompt.encode("utf-8")
    except UnicodeEncodeError as error:
        text = f"{said.by} is not valid text: character {error.start + 1} is half of a pair (or a byte that is not UTF-8)"
        raise UsageError(text, hint="type it again, or save the file as UTF-8", code="prompt_not_text") from error
    return prompt


def shown(number: int) -> str:
    """Return a whole number in digits, shortened where nobody would read them."""
    return str(number) if abs(number) < 10**30 else f"{'-' if number < 0 else ''}a number over 10^30"
