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

LARGEST_BYTES = 65_536


def read_secrets(name: str, environment: Environment) -> dict[str, str]:
    """Given a file's name, or `-` for stdin, return variable → key; raise UsageError or SettingsError, which never repeat a line."""
    text, place = (_from_stdin(environment), "stdin") if name == "-" else (_from_file(name, environment), name)
    found = env_file.parsed(text, place, Layer.USER_CONFIG_ENV)
    for entry in found:
        if entry.name not in SECRET_FIELDS:
            why = f"{entry.origin.at}: {entry.name} is no key; {suggestion(entry.name, SECRET_FIELDS)}"
            raise UsageError(
                why, hint="only keys stand in a secrets file; everything else is a flag: fluxctl init --help", code="no_secret"
            )
    return {entry.name: entry.value.strip() for entry in found if entry.value.strip()}


def _from_stdin(environment: Environment) -> str:
    if environment.stdin.isatty():
        raise UsageError("stdin is a terminal, which would show the keys", hint="fluxctl init asks for them unseen", code="stdin_terminal")
    return environment.stdin.read(LARGEST_BYTES)


def _from_file(name: str, environment: Environment) -> str:
    path = environment.working_folder / Path(name).expanduser()
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                quoted = shlex.quote(str(path))
                hint = f"chmod 600 {quoted}, or fluxctl init --secrets-file - < {quoted}"
                raise SettingsError(f"{path} holds keys, and others on this computer can read it", hint=hint, code="secrets_readable")
            return stream.read(LARGEST_BYTES).decode("utf-8-sig")
    except OSError as error:
        hint = f"ls -l {shlex.quote(str(path))}"
        raise SettingsError(f"{path} cannot be read: {error.strerror}", hint=hint, code="secrets_unreadable") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text", hint="save it as UTF-8", code="not_utf8") from error
