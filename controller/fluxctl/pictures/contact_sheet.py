"""Draws a contact sheet: small pictures in rows and columns with labels, as a PNG of its own."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from PIL import Image, ImageDraw, PngImagePlugin

from fluxctl.pictures.lettering import Lettering
from fluxctl.pictures.limits import opened
from fluxctl.pictures.xmp import xmp_packet

LARGEST_CELL_PIXELS = 512
"""Of a picture's longer side."""
SMALLEST_CELL_PIXELS = 128
"""Of the room for a picture: a label needs that much."""
LARGEST_SHEET_PIXELS = 8192
"""Of the sheet's longer side, labels apart; viewers have trouble with more."""
_MOST_LINES = 3
_GAP_PIXELS = 8
_PAPER, _INK = "#ffffff", "#202020"
NOTE = "a contact sheet of pictures that fluxctl made; each picture's own file holds its recipe"


@dataclass(frozen=True)
class Cell:
    """One picture; its label stands below it. Of the label's first line there may be much; each further one is kept apart."""

    path: Path
    label: str = ""


@dataclass(frozen=True)
class Sheet:
    """Pictures by row and column, from 0; labels at the top and at the side, or none."""

    cells: Mapping[tuple[int, int], Cell]
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


def draw_sheet(sheet: Sheet, *, with_note: bool) -> bytes:
    """Given a sheet, return it as a PNG; `with_note`: it says what it is, since it has no recipe.

    Raise OSError or ValueError for a picture that is gone or is none.
    """
    image = _Drawing(sheet).drawn()
    target = io.BytesIO()
    texts = PngImagePlugin.PngInfo()
    if with_note:
        texts.add_text("Description", NOTE)
        texts.add_itxt("XML:com.adobe.xmp", xmp_packet())
    image.save(target, "PNG", pnginfo=texts)
    return target.getvalue()


@dataclass
class _Drawing:
    """One sheet with its measures, in pixels."""

    sheet: Sheet

    def drawn(self) -> Image.Image:
        """Return the sheet."""
        width = self._side + self._across * (self._room + _GAP_PIXELS) + _GAP_PIXELS
        height = self._top + self._down * self._pitch + _GAP_PIXELS
        image = Image.new("RGB", (width, height), _PAPER)
        draw = ImageDraw.Draw(image)
        for place, label in enumerate(self.sheet.columns):
            self._write(draw, self._left(place), _GAP_PIXELS, label, self._room)
        for place, label in enumerate(self.sheet.rows):
            self._write(draw, _GAP_PIXELS, self._upper(place), label, self._side - _GAP_PIXELS)
        for (row, column), cell in self.sheet.cells.items():
            self._paste(image, cell, row, column)
            self._write(draw, self._left(column), self._upper(row) + self._room + 2, cell.label, self._room)
        return image

    def _paste(self, image: Image.Image, cell: Cell, row: int, column: int) -> None:
        with cell.path.open("rb") as file, opened(file) as picture:
            small = picture.convert("RGB")
        small.thumbnail((self._scale, self._scale), Image.Resampling.LANCZOS)
        left = self._left(column) + (self._room - small.width) // 2
        image.paste(small, (left, self._upper(row) + (self._room - small.height) // 2))

    def _write(self, draw: ImageDraw.ImageDraw, x: int, y: int, label: str, width: int) -> None:
        for number, line in enumerate(self._in_lines(label, width)):
            self._letters.write(draw, (x, y + number * self._letters.line_height), line, _INK)

    def _in_lines(self, label: str, width: int) -> list[str]:
        first, *others = label.split("\n")
        lines = self._letters.lines(first, width, _MOST_LINES) if first else []
        return lines + [line for other in others for line in self._letters.lines(other, width, 1)]

    @cached_property
    def _across(self) -> int:
        return 1 + max(column for _, column in self.sheet.cells)

    @cached_property
    def _down(self) -> int:
        return 1 + max(row for row, _ in self.sheet.cells)

    @cached_property
    def _scale(self) -> int:
        """The longer side of a picture on the sheet."""
        longest = 1
        for cell in self.sheet.cells.values():
            with cell.path.open("rb") as file, opened(file) as picture:
                longest = max(longest, *picture.size)
        return max(1, min(longest, LARGEST_CELL_PIXELS, LARGEST_SHEET_PIXELS // max(self._across, self._down)))

    @cached_property
    def _room(self) -> int:
        """Both sides of the square that a picture stands in."""
        return max(self._scale, SMALLEST_CELL_PIXELS)

    @cached_property
    def _letters(self) -> Lettering:
        return Lettering(max(13, self._room // 22))

    @cached_property
    def _side(self) -> int:
        """Room for the labels at the side."""
        if not self.sheet.rows:
            return 0
        wanted = max(self._letters.width(line) for label in self.sheet.rows for line in label.split("\n"))
        return round(min(max(wanted, self._letters.size), max(self._room, 160))) + 2 * _GAP_PIXELS

    @cached_property
    def _top(self) -> int:
        lines = max((len(self._in_lines(label, self._room)) for label in self.sheet.columns), default=0)
        return _GAP_PIXELS + lines * self._letters.line_height

    @cached_property
    def _pitch(self) -> int:
        """From one row to the next."""
        lines = max(len(self._in_lines(cell.label, self._room)) for cell in self.sheet.cells.values())
        return self._room + lines * self._letters.line_height + _GAP_PIXELS + (2 if lines else 0)

    def _left(self, column: int) -> int:
        return self._side + _GAP_PIXELS + column * (self._room + _GAP_PIXELS)

    def _upper(self, row: int) -> int:
        return self._top + row * self._pitch
