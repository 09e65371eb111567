"""Lays pictures and their prompts out on one sheet."""

from __future__ import annotations

import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fluxpod.embedded.drawing import Picture
from fluxpod.embedded.prompts import Asked
from fluxpod.embedded.scoring import score

NAME = "contact_sheet.png"
PICTURES = 48
_COLUMNS, _SIDE, _TEXT_HEIGHT, _MARGIN = 8, 128, 66, 6
_RIGHT, _WRONG = (20, 110, 40), (190, 20, 20)
_LONGEST = 92


def save(path: Path, asked: list[Asked], pictures: list[Picture]) -> None:
    """Write a PNG: each picture with its prompt below, green when the judge finds all of it right, else red; long ones lose their start."""
    rows = -(-len(asked) // _COLUMNS)
    size = (_COLUMNS * (_SIDE + _MARGIN) + _MARGIN, rows * (_SIDE + _TEXT_HEIGHT) + _MARGIN)
    canvas = Image.new("RGB", size, (255, 255, 255))
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=10)
    for number, (each, picture) in enumerate(zip(asked, pictures, strict=True)):
        left = _MARGIN + number % _COLUMNS * (_SIDE + _MARGIN)
        top = _MARGIN + number // _COLUMNS * (_SIDE + _TEXT_HEIGHT)
        canvas.paste(Image.fromarray(picture).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS), (left, top))
        pen.rectangle((left - 1, top - 1, left + _SIDE, top + _SIDE), outline=(200, 200, 200))
        shown = each.prompt if len(each.prompt) <= _LONGEST else "… " + each.prompt[-_LONGEST:]
        colour = _RIGHT if score(picture, each.scene).whole else _WRONG
        pen.multiline_text((left, top + _SIDE + 2), "\n".join(textwrap.wrap(shown, 25)[:5]), fill=colour, font=font, spacing=2)
    canvas.save(path, optimize=True)
