"""Tells whose pods are whose: `owner_id`, made once in the user's config folder, never in the state, which may be lost."""

import os
import re
import secrets
import shlex
from contextlib import suppress
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.settings.places import refuse_windows_drive

FILE_NAME = "owner_id"
_ID = re.compile(r"[0-9a-f]{32}")


def known_owner_id(environment: Environment) -> str | None:
    """Return the user's owner id, None if none was ever made; raise SettingsError when it cannot be read."""
    file = environment.paths.config / FILE_NAME
    try:
        text = file.read_text("ascii", "replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(file, f"cannot be read: {error.strerror}") from error
    if not _ID.fullmatch(text):
        raise _unusable(file, "does not hold 32 hex digits")
    return text


def owner_id(environment: Environment) -> str:
    """Return the user's owner id, made now if there is none; raise SettingsError when it can be neither read nor made."""
    refuse_windows_drive(environment.paths.config, "the config folder", environment)
    known = known_owner_id(environment)
    if known is None:
        _make(environment.paths.config / FILE_NAME)
        known = known_owner_id(environment)
    if known is None:
        raise _unusable(environment.paths.config / FILE_NAME, "vanished while it was made")
    return known


def _make(file: Path) -> None:
    """Write a new id aside and link it into place: of two at once, one wins, and no half file is ever read."""
    aside = file.with_name(f".{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(f"{secrets.token_hex(16)}\n")
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(aside, file)
    except OSError as error:
        raise _unusable(file, f"cannot be written: {error.strerror}") from error
    finally:
        aside.unlink(missing_ok=True)


def _unusable(file: Path, why: str) -> SettingsError:
    hint = f"ls -l {shlex.quote(str(file))}   (it says which pods are yours; with another one they are found no more)"
    return SettingsError(f"{file} {why}", hint=hint, code="owner_id")
