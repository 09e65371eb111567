"""Names the formats of picture files, and which file name means which."""

from dataclasses import dataclass
from enum import StrEnum

from fluxctl.errors import UsageError


class PictureFormat(StrEnum):
    """What a picture is saved as."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"

    @property
    def suffix(self) -> str:
        """Return the end of a file name, with its point."""
        return ".jpg" if self is PictureFormat.JPEG else f".{self}"


@dataclass(frozen=True)
class Encoding:
    """How files are written. Qualities go from 1 to 100."""

    metadata: bool = True
    """Whether the recipe goes into the file."""
    jpeg_quality: int = 95
    webp_quality: int = 90


SUFFIXES = {".png": PictureFormat.PNG, ".jpg": PictureFormat.JPEG, ".jpeg": PictureFormat.JPEG, ".webp": PictureFormat.WEBP}
_OTHER_SUFFIXES = frozenset({".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jxl", ".psd", ".svg", ".tga", ".tif", ".tiff"})


def format_of_suffix(suffix: str) -> PictureFormat | None:
    """Given the end of a file name, return its format, None if it is no picture's; raise UsageError for one not written here."""
    lowered = suffix.lower()
    if lowered in _OTHER_SUFFIXES:
        raise UsageError(f"{suffix} is not a format that is written here", hint="png, jpg or webp: --out NAME.png", code="unknown_format")
    return SUFFIXES.get(lowered)


def format_named(name: str) -> PictureFormat:
    """Given the value of `--format`, return the format; raise UsageError, which names the nearest, if there is none."""
    lowered = name.strip().lower().removeprefix(".")
    if found := SUFFIXES.get(f".{lowered}"):
        return found
    from difflib import get_close_matches

    near = get_close_matches(lowered, list(PictureFormat), n=1, cutoff=0.4)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise UsageError(f"unknown format: {name!r}{meant}", hint=f"--format {'|'.join(PictureFormat)}", code="unknown_format")
