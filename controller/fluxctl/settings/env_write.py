"""Writes keys into the user's own config.env, which nobody else may read."""

from collections.abc import Mapping
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.settings.env_edit import with_variables
from fluxctl.settings.origin import Layer
from fluxctl.settings.places import SettingsFile, contents, refuse_windows_drive
from fluxctl.settings.whole_file import replace_file
from fluxctl.settings.yaml_file import decoded

PRIVATE = 0o600


def user_config_env(environment: Environment) -> Path:
    """Return where the user's own config.env lies; it may not exist."""
    return environment.paths.config / "config.env"


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
