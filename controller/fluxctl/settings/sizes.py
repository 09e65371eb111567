"""Decides how wide and high a picture is: named sizes scale to the model, literal ones are rounded to what FLUX can draw."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from fluxctl.errors import UsageError
from fluxctl.settings.model import ModelCard
from fluxctl.settings.nearest import nearest, suggestion
from fluxpod.protocol import LARGEST_SIDE_PIXELS, SIZE_STEP_PIXELS, SMALLEST_SIDE_PIXELS

REFERENCE_PIXELS = 1024 * 1024
"""The pixel count that named sizes are written for."""
_LITERAL = re.compile(r"([0-9]{1,9})\s*[xX×]\s*([0-9]{1,9})", re.ASCII)
_NOT_YET = "4k"
RANGE_IN_WORDS = f"each side from {SMALLEST_SIDE_PIXELS} to {LARGEST_SIDE_PIXELS} pixels"


@dataclass(frozen=True)
class Size:
    """Pixels, multiples of 16, and what has to be said about them."""

    width: int
    height: int
    note: str = ""


def is_size(text: str) -> bool:
    """Return whether a text reads WIDTHxHEIGHT."""
    return _LITERAL.fullmatch(text.strip()) is not None


def is_in_range(width: int, height: int) -> bool:
    """Return whether a worker takes sides of so many pixels."""
    return all(SMALLEST_SIDE_PIXELS <= side <= LARGEST_SIDE_PIXELS for side in (width, height))


def snapped(pixels: float) -> int:
    """Return the nearest multiple of 16; a tie goes up."""
    return math.floor(pixels / SIZE_STEP_PIXELS + 0.5) * SIZE_STEP_PIXELS


def size_for(text: str, said_by: str, card: ModelCard, model: str, sizes: Mapping[str, str]) -> Size:
    """Given a named or literal size and who said it, return its pixels for a model; raise UsageError if there are none."""
    if text in sizes:
        width, height = sides(sizes[text])
        scale = math.sqrt(card.native_pixels / REFERENCE_PIXELS)
        size = Size(snapped(width * scale), snapped(height * scale))
        _check_sides(size.width, size.height, text, said_by)
    else:
        width, height = _literal(text, said_by, sizes)
        _check_sides(width, height, text, said_by)
        size = Size(snapped(width), snapped(height))
        if (size.width, size.height) != (width, height):
            note = f"{width}x{height} ({said_by}) is not a multiple of {SIZE_STEP_PIXELS} both ways: {size.width}x{size.height} is used"
            size = Size(size.width, size.height, note)
    _check_range(size, text, said_by, card, model)
    return size


def _literal(text: str, said_by: str, sizes: Mapping[str, str]) -> tuple[int, int]:
    if is_size(text):
        return sides(text)
    if text.casefold() == _NOT_YET:
        reason = "FLUX was not trained on sizes like that, and enlarging a finished picture is not built yet"
        raise UsageError(f"4k is not available: {reason}", hint="--landscape, or --size WIDTHxHEIGHT", code="size_not_available")
    what = f"unknown size {text} ({said_by}); WIDTHxHEIGHT in pixels, or a name: {suggestion(text, sizes)}"
    raise UsageError(what, hint=f"--size {nearest(text, sizes) or '1024x1024'}", code="unknown_size")


def sides(text: str) -> tuple[int, int]:
    """Given WIDTHxHEIGHT, return the two numbers."""
    width, height = re.findall(r"[0-9]+", text)
    return int(width), int(height)


def _check_sides(width: int, height: int, text: str, said_by: str) -> None:
    if not is_in_range(width, height):
        what = f"{width}x{height}" if is_size(text) else f"{text}, here {width}x{height},"
        raise UsageError(
            f"size {what} ({said_by}) is out of range: {RANGE_IN_WORDS}",
            hint="--size WIDTHxHEIGHT",
            code="size_out_of_range",
        )


def _check_range(size: Size, text: str, said_by: str, card: ModelCard, model: str) -> None:
    pixels = size.width * size.height
    is_too_small = pixels < (card.smallest_pixels or 0)
    if is_too_small or pixels > (card.largest_pixels or pixels):
        side = snapped(math.sqrt(card.native_pixels))
        limit = "smallest_pixels" if is_too_small else "largest_pixels"
        raise UsageError(
            f"size {size.width}x{size.height} ({said_by} {text}) has {pixels} pixels; {model} draws well from"
            f" {card.smallest_pixels or SMALLEST_SIDE_PIXELS**2} to {card.largest_pixels or LARGEST_SIDE_PIXELS**2}",
            hint=f"--size {side}x{side}, or another range: fluxctl config set models.{model}.{limit} {pixels}",
            code="size_out_of_range",
        )
