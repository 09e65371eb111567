"""Reads the recipe that a picture or a JSON file holds."""

import io
import warnings
from pathlib import Path

from PIL import Image, JpegImagePlugin, PngImagePlugin

from fluxctl.environment import Environment
from fluxctl.errors import UsageError
from fluxctl.pictures.exif import texts_of
from fluxctl.pictures.formats import PictureFormat
from fluxctl.pictures.jpeg import json_in_segments
from fluxctl.pictures.limits import TooLargeError, is_picture, opened, read_limited
from fluxctl.pictures.parameters import is_parameters_text
from fluxctl.pictures.places import typed_path
from fluxctl.pictures.recipe_json import parsed, record_from, record_or_path
from fluxctl.pictures.stored import StoredPicture
from fluxpod.protocol import pixels_sha256

_HINT = "fluxctl history lists your pictures"


def read_recipe(path: str | Path, environment: Environment) -> StoredPicture:
    """Given a PNG, JPEG or WebP of ours, or a JSON file with one recipe, return what it says; raise UsageError when there is no recipe."""
    file = typed_path(str(path), environment)
    content = _content(file)
    if is_picture(content):
        return _from_picture(file, content, environment)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[") and file.suffix.lower() != ".json":
        raise UsageError(f"{file} is neither a picture (PNG, JPEG, WebP) nor JSON", hint=_HINT, code="not_a_picture")
    found = record_or_path(parsed(content, str(file)), str(file), environment.home)
    if not isinstance(found, str):
        return StoredPicture(file, None, found)
    picture = file.parent / found
    return _from_picture(picture, _content(picture), environment)


def current_sha256(stored: StoredPicture) -> str | None:
    """Given what was read from a file, return the hash of its pixels now; None where saving changed them (JPEG, WebP)."""
    if stored.format is not PictureFormat.PNG:
        return None
    try:
        with opened(io.BytesIO(_content(stored.path)), (PictureFormat.PNG,)) as image:
            return pixels_sha256(image.width, image.height, image.convert("RGB").tobytes())
    except Exception as error:
        raise _broken(stored.path, error) from error


def _content(file: Path) -> bytes:
    try:
        return read_limited(file)
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {file}", hint=_HINT, code="no_such_file") from error
    except TooLargeError as error:
        raise _broken(file, error) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{file} cannot be read: {reason}", hint=_HINT, code="unreadable") from error


def _from_picture(file: Path, content: bytes, environment: Environment) -> StoredPicture:
    try:
        with opened(io.BytesIO(content)) as image, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parameters, record = _texts(image)
            kind = PictureFormat(str(image.format).lower())
    except Exception as error:
        raise _broken(file, error) from error
    if record is None:
        raise _no_recipe(file, parameters)
    where = f"what {file} says about itself"
    return StoredPicture(file, kind, record_from(parsed(record, where), where, environment.home))


def _texts(image: Image.Image) -> tuple[str | None, str | None]:
    """Given an opened picture, return A1111's text and our JSON, None for what is not there."""
    if not isinstance(image, PngImagePlugin.PngImageFile):
        parameters, record = texts_of(image.getexif())
        if record is None and isinstance(image, JpegImagePlugin.JpegImageFile):
            record = json_in_segments(image)
        return parameters, record
    if "fluxctl" not in image.info:
        image.load()  # another program may have written the texts behind the pixels
    parameters, record = image.info.get("parameters"), image.info.get("fluxctl")
    return parameters if isinstance(parameters, str) else None, record if isinstance(record, str) else None


def _no_recipe(file: Path, parameters: str | None) -> UsageError:
    if parameters is not None and is_parameters_text(parameters):
        message = f"{file} holds no recipe of fluxctl, only A1111 `parameters`, as another program or another version writes them"
        return UsageError(message, hint="type its prompt and seed yourself: fluxctl gen PROMPT --seed N", code="foreign_picture")
    return UsageError(
        f"{file} holds no recipe: it was not made by fluxctl, or with --no-metadata, or lost it on its way", hint=_HINT, code="no_recipe"
    )


def _broken(file: Path, error: Exception) -> UsageError:
    return UsageError(f"{file} cannot be read as a picture of ours: {error}", hint=_HINT, code="broken_picture")
