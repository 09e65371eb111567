"""Puts what a picture says about itself into a JPEG, whose segments hold 64 KiB each.

It stands in EXIF and XMP. Where a very long prompt does not fit into EXIF, A1111's text is shortened there, and our JSON goes
into APP10 segments that begin with `fluxctl` and a zero, in order.
"""

from pathlib import Path

from PIL import JpegImagePlugin

from fluxctl.pictures.exif import exif_block
from fluxctl.pictures.parameters import parameters_text
from fluxctl.pictures.record import PictureRecord, record_to_json
from fluxctl.pictures.xmp import xmp_packet

MOST_SEGMENT_BYTES = 65533
_MARK = b"fluxctl\0"
_PART_BYTES = MOST_SEGMENT_BYTES - len(_MARK)
_KEPT_PROMPT_CHARACTERS = 12_000
"""In UTF-16 at most 48 kB, which leaves room for the pairs."""


def jpeg_metadata(record: PictureRecord, home: Path) -> dict[str, bytes]:
    """Given a record and the user's home, return what Pillow's JPEG writer wants: EXIF, XMP and further segments."""
    text, json_text = parameters_text(record.recipe), record_to_json(record, home)
    exif, extra = exif_block(text, json_text), b""
    if len(exif) > MOST_SEGMENT_BYTES:
        exif = exif_block(_shortened(text), None)
        extra = b"".join(_segments(json_text.encode("ascii")))
    return {"exif": exif, "xmp": xmp_packet().encode(), "extra": extra}


def json_in_segments(image: JpegImagePlugin.JpegImageFile) -> str | None:
    """Given an opened JPEG, return the JSON that stands in segments of its own, None if there is none."""
    parts = [content[len(_MARK) :] for kind, content in image.applist if kind == "APP10" and content.startswith(_MARK)]
    return b"".join(parts).decode("utf-8", "replace") if parts else None


def _shortened(text: str) -> str:
    prompt, _, pairs = text.rpartition("\n")
    return f"{prompt[:_KEPT_PROMPT_CHARACTERS]}…\n{pairs}"


def _segments(content: bytes) -> list[bytes]:
    parts = [content[place : place + _PART_BYTES] for place in range(0, len(content), _PART_BYTES)]
    return [b"\xff\xea" + (2 + len(_MARK) + len(part)).to_bytes(2) + _MARK + part for part in parts]
