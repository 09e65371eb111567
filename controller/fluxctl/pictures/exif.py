"""Puts texts into EXIF and finds them again, for JPEG and WebP.

`UserComment` (0x9286) holds A1111's text as A1111 writes it: the header `UNICODE`, then big-endian UTF-16. Tag 65432, one of
TIFF's private ones that anybody may use, holds our JSON as ASCII text in the main directory.
"""

from PIL import Image

USER_COMMENT = 0x9286
RECORD_TAG = 65432
_HEADER = b"UNICODE\0"


def exif_block(parameters: str, record_json: str | None) -> bytes:
    """Given A1111's text and our JSON, which may be left out, return the EXIF block."""
    exif = Image.Exif()
    exif.endian = ">"
    exif.get_ifd(0x8769)[USER_COMMENT] = _HEADER + parameters.encode("utf-16-be")
    if record_json is not None:
        exif[RECORD_TAG] = record_json
    return exif.tobytes()


def texts_of(exif: Image.Exif) -> tuple[str | None, str | None]:
    """Given the EXIF of a picture, return A1111's text and our JSON, None for what is not there."""
    comment = exif.get_ifd(0x8769).get(USER_COMMENT)
    record = exif.get(RECORD_TAG)
    return _comment_text(comment), record if isinstance(record, str) else None


def _comment_text(comment: object) -> str | None:
    if not isinstance(comment, bytes):
        return comment if isinstance(comment, str) else None
    if comment.startswith(_HEADER):
        return comment[len(_HEADER) :].decode("utf-16-be", "replace")
    return comment[8:].decode("utf-8", "replace")
