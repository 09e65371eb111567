"""Writes keys into the user's own config.env, which nobody else may read."""

import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.settings.env_edit import with_variables
from fluxctl.settings.origin import Layer
from fluxctl.settings.places import SettingsFile, contents, refuse_windows_drive
from fluxctl.settings.whole_file import replace_file
from fluxctl.settings.yaml_file import decoded
from fluxctl.windows import mounts, on_windows_drive

PRIVATE = 0o600


def user_config_env(environment: Environment) -> Path:
    """Return where the user's own config.env lies; it may not exist."""
    return environment.paths.config / "config.env"


def close_to_others(path: Path) -> bool:
    """Given a config.env, take from others what they may do with it; return whether there was anything to take.

    Raise SettingsError when that cannot be done. A file on a Windows drive has no modes; what is no file is left to whoever reads it.
    """
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode) or not state.st_mode & 0o077 or on_windows_drive(path.resolve(), mounts()):
            return False
        path.chmod(PRIVATE)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        hint = f"ls -l {shlex.quote(str(path))}"
        raise SettingsError(f"{path} cannot be closed to others: {error.strerror}", hint=hint, code="config_env_readable") from error
    return True


def write_variables(environment: Environment, values: Mapping[str, str]) -> Path:
    """Given variables, set them in the user's config.env, with mode 600, and return its path; what else stands there stays.

    Raise SettingsError when it cannot be read or written, when others can read it, or when a value cannot stand there.
    """
    refuse_windows_drive(environment.paths.config, "the config folder", environment)
    path = user_config_env(environment)
    data = contents(SettingsFile(Layer.USER_CONFIG_ENV, path))
    text = "" if data is None else decoded(data, str(path))
    changed = with_variables(text, values, str(path))
    if changed != text or data is None:
        replace_file(path, changed, mode=PRIVATE)
    return path
