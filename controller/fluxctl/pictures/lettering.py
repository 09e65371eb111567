"""Writes labels: with Pillow's own font, with a font of this computer where that one lacks a character, else as `\\u72d0`."""

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_SYSTEM_FONTS = (
    "DejaVuSans.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "unifont.otf",
    "Arial Unicode.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "/mnt/c/Windows/Fonts/msyh.ttc",
    "/mnt/c/Windows/Fonts/seguisym.ttf",
    "msyh.ttc",
)
"""Fonts with many scripts, as Linux, macOS and Windows have them; under WSL those of Windows."""
_NO_CHARACTER = "\U0010fffd"
"""A private character that no font has: it shows what a font draws for what it lacks."""


@dataclass
class Lettering:
    """One size of letters, in pixels."""

    size: int
    _covers: dict[tuple[int, str], bool] = field(default_factory=dict[tuple[int, str], bool])

    @property
    def line_height(self) -> int:
        """Return the pixels from one line to the next."""
        return round(self.size * 1.35)

    def width(self, text: str) -> float:
        """Return how many pixels a line takes."""
        return sum(font.getlength(piece) for font, piece in self._pieces(text))

    def lines(self, text: str, width: float, most: int) -> list[str]:
        """Given a label, return it in at most so many lines of so many pixels; what does not fit becomes `…`."""
        lines, line = list[str](), ""
        for word in text.split(" "):
            trial = f"{line} {word}" if line else word
            if self.width(trial) <= width:
                line = trial
                continue
            lines += [line] if line else []
            *whole, line = self._broken(word, width)
            lines += whole
        lines.append(line)
        if len(lines) <= most:
            return lines
        return [*lines[: most - 1], self._shortened(lines[most - 1], width)]

    def write(self, draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour: str) -> None:
        """Write one line whose upper left corner is at a place."""
        x, y = place
        for font, piece in self._pieces(text):
            draw.text((x, y + self.size), piece, fill=colour, font=font, anchor="ls")
            x += font.getlength(piece)

    def _broken(self, word: str, width: float) -> list[str]:
        """Break a word that is wider than a line."""
        parts = [""]
        for letter in word:
            if parts[-1] and self.width(parts[-1] + letter) > width:
                parts.append("")
            parts[-1] += letter
        return parts

    def _shortened(self, line: str, width: float) -> str:
        while line and self.width(f"{line}…") > width:
            line = line[:-1]
        return f"{line.rstrip()}…"

    @cached_property
    def _own(self) -> Font:
        return ImageFont.load_default(self.size)

    @cached_property
    def _fonts(self) -> list[Font]:
        found: list[Font] = [self._own]
        for name in _SYSTEM_FONTS:
            try:
                found.append(ImageFont.truetype(name, self.size))
            except OSError:
                continue
        return found

    def _pieces(self, text: str) -> list[tuple[Font, str]]:
        """Return a line in pieces, each with the font that has its characters."""
        pieces: list[tuple[Font, str]] = []
        for letter in text:
            font, shown = self._drawable(letter)
            if pieces and pieces[-1][0] is font:
                pieces[-1] = (font, pieces[-1][1] + shown)
            else:
                pieces.append((font, shown))
        return pieces

    def _drawable(self, letter: str) -> tuple[Font, str]:
        if unicodedata.category(letter) in ("Cf", "Mn", "Me"):
            return self._own, ""  # joiners and marks need a layout that Pillow may not have
        if self._has(0, letter):
            return self._own, letter
        for number, font in enumerate(self._fonts):
            if self._has(number, letter):
                return font, letter
        return self._own, letter.encode("ascii", "backslashreplace").decode()

    def _has(self, number: int, letter: str) -> bool:
        """Return whether a font draws a character otherwise than one that it lacks."""
        if (number, letter) not in self._covers:
            font = self._own if number == 0 else self._fonts[number]
            self._covers[number, letter] = letter.isspace() or self._shape(font, letter) != self._shape(font, _NO_CHARACTER)
        return self._covers[number, letter]

    def _shape(self, font: Font, letter: str) -> bytes:
        image = Image.new("L", (2 * self.size, 2 * self.size))
        ImageDraw.Draw(image).text((0, 0), letter, fill=255, font=font)
        return image.tobytes()
