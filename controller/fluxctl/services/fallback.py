"""Lets what only looks at a worker, or ends it, go on without the person's settings when these cannot be read."""

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.settings.check import checked
from fluxctl.settings.load import Settings, load_settings, read_yaml
from fluxctl.settings.origin import Layer
from fluxctl.settings.packaged import packaged_file
from fluxctl.settings.places import SettingsFile
from fluxctl.settings.secrets import Secrets


def settings_or_defaults(environment: Environment) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings and no note; where they are wrong, the packaged defaults and a note that says so.

    Raise SettingsError when the packaged defaults cannot be read either, and when there is no place for the person's files.
    """
    _ = environment.paths
    try:
        return load_settings(environment), ()
    except SettingsError as error:
        values = checked(read_yaml(SettingsFile(Layer.DEFAULTS, packaged_file("config_defaults.yaml"))))
        how = f" ({error.hint})" if error.hint else ""
        return Settings(values, {}, Secrets(), ()), (f"your settings are not used here: {error.message}{how}",)
