"""Reads keys from a file of NAME=VALUE lines, or from stdin; only keys may stand in it."""

import os
import shlex
import stat
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError, UsageError
from fluxctl.settings import env_file
from fluxctl.settings.nearest import suggestion
from fluxctl.settings.origin import Layer
from fluxctl.settings.secrets import SECRET_FIELDS

MOST_CHARACTERS = 65_536


def read_secrets(name: str, environment: Environment) -> dict[str, str]:
    """Given a file's name, or `-` for stdin, return variable → key; raise UsageError or SettingsError, which never repeat a line."""
    place = "stdin" if name == "-" else name
    text = _text(name, environment)
    if text is None:
        raise SettingsError(f"{place} is not UTF-8 text", hint="save it as UTF-8", code="not_utf8")
    found = env_file.parsed(text, place, Layer.USER_CONFIG_ENV)
    for entry in found:
        if entry.name not in SECRET_FIELDS:
            why = f"{entry.origin.at}: {entry.name} is no key; {suggestion(entry.name, SECRET_FIELDS)}"
            raise UsageError(
                why, hint="only keys stand in a secrets file; everything else is a flag: fluxctl init --help", code="no_secret"
            )
    return {entry.name: entry.value.strip() for entry in found if entry.value.strip()}


def _text(name: str, environment: Environment) -> str | None:
    """Return what was handed over; None for what is no text: the decoder's own error holds all of it, and goes no further."""
    try:
        return _from_stdin(environment) if name == "-" else _from_file(name, environment).decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _from_stdin(environment: Environment) -> str:
    if environment.stdin.isatty():
        raise UsageError("stdin is a terminal, which would show the keys", hint="fluxctl init asks for them unseen", code="stdin_terminal")
    text = environment.stdin.read(MOST_CHARACTERS + 1).removeprefix("\ufeff")
    if len(text) > MOST_CHARACTERS:
        raise _too_large("stdin")
    return text


def _from_file(name: str, environment: Environment) -> bytes:
    try:
        path = environment.working_folder / Path(name).expanduser()
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                quoted = shlex.quote(str(path))
                hint = f"chmod 600 {quoted}, or fluxctl init --secrets-file - < {quoted}"
                raise SettingsError(f"{path} holds keys, and others on this computer can read it", hint=hint, code="secrets_readable")
            data = stream.read(MOST_CHARACTERS + 1)
    except OSError as error:
        hint = f"ls -l {shlex.quote(name)}"
        raise SettingsError(f"{name} cannot be read: {error.strerror}", hint=hint, code="secrets_unreadable") from error
    except RuntimeError as error:  # ~somebody who is not there
        raise SettingsError(f"{name} cannot be read: no such home", hint="name the file in full", code="secrets_unreadable") from error
    if len(data) > MOST_CHARACTERS:
        raise _too_large(name)
    return data


def _too_large(place: str) -> UsageError:
    why = f"{place} is too large for a file of keys (more than {MOST_CHARACTERS} characters)"
    return UsageError(why, hint="fluxctl init --help", code="no_secrets_file")
