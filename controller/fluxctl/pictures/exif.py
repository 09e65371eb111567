"""Puts texts into EXIF and finds them again, for JPEG and WebP.

`UserComment` (0x9286) holds A1111's text as A1111 writes it: the header `UNICODE`, then big-endian UTF-16. Tag 65432, one of
TIFF's private ones that anybody may use, holds our JSON as ASCII text in the main directory. Written by hand: Pillow gives
`UserComment` a type that piexif, with which A1111 reads it, does not take.
"""

import struct

from PIL import Image

EXIF_DIRECTORY = 0x8769
USER_COMMENT = 0x9286
RECORD_TAG = 65432
_HEADER = b"UNICODE\0"
_ASCII, _LONG, _UNDEFINED = 2, 4, 7
_BIG_ENDIAN_HEAD = b"MM\0*\0\0\0\x08"


def exif_block(parameters: str, record_json: str | None) -> bytes:
    """Given A1111's text and our JSON, which may be left out, return the EXIF block."""
    comment = _HEADER + parameters.encode("utf-16-be")
    record = b"" if record_json is None else record_json.encode("ascii") + b"\0"
    entries = 2 if record else 1
    below = len(_BIG_ENDIAN_HEAD) + _directory_bytes(entries)
    further = below + _directory_bytes(1)
    main = [_entry(EXIF_DIRECTORY, _LONG, 1, below)]
    if record:
        main.append(_entry(RECORD_TAG, _ASCII, len(record), further + len(comment)))
    inner = [_entry(USER_COMMENT, _UNDEFINED, len(comment), further)]
    return b"Exif\0\0" + _BIG_ENDIAN_HEAD + _directory(main) + _directory(inner) + comment + record


def texts_of(exif: Image.Exif) -> tuple[str | None, str | None]:
    """Given the EXIF of a picture, return A1111's text and our JSON, None for what is not there."""
    comment = exif.get_ifd(EXIF_DIRECTORY).get(USER_COMMENT)
    record = exif.get(RECORD_TAG)
    return _comment_text(comment), record if isinstance(record, str) else None


def _comment_text(comment: object) -> str | None:
    if not isinstance(comment, bytes):
        return comment if isinstance(comment, str) else None
    if comment.startswith(_HEADER):
        return comment[len(_HEADER) :].decode("utf-16-be", "replace")
    return comment[8:].decode("utf-8", "replace")


def _directory(entries: list[bytes]) -> bytes:
    return struct.pack(">H", len(entries)) + b"".join(entries) + struct.pack(">I", 0)


def _directory_bytes(entries: int) -> int:
    return 2 + 12 * entries + 4


def _entry(tag: int, kind: int, count: int, place: int) -> bytes:
    """Return an entry whose value stands at a place of the block, or is that number."""
    return struct.pack(">HHII", tag, kind, count, place)
