"""Lets what only looks at a worker, or ends it, go on without the person's settings when these cannot be read."""

from contextlib import suppress

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.settings import env_file
from fluxctl.settings.check import checked
from fluxctl.settings.load import Settings, load_settings, read_yaml
from fluxctl.settings.origin import Layer, Origin
from fluxctl.settings.packaged import packaged_file
from fluxctl.settings.places import SettingsFile, contents, settings_files
from fluxctl.settings.secrets import SECRET_FIELDS, Secret, Secrets, secrets_from
from fluxctl.settings.yaml_file import decoded


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
        return Settings(values, {}, _keys(environment), ()), (f"your settings, keys excepted, are not used here: {error.message}{how}",)


def _keys(environment: Environment) -> Secrets:
    """Return the keys of every file that can be read, and of the environment: without its key a rented pod could not be ended."""
    found: dict[str, Secret] = {}
    for file in settings_files(environment):
        if not file.holds_secrets:
            continue
        with suppress(SettingsError):
            data = contents(file)
            entries = env_file.parsed(decoded(data, str(file.path)), str(file.path), file.layer) if data is not None else []
            found |= {entry.name: Secret(entry.value.strip(), entry.origin) for entry in entries if entry.name in SECRET_FIELDS}
    for name in SECRET_FIELDS:
        if name in environment.variables:
            found[name] = Secret(environment.variables[name].strip(), Origin(Layer.ENVIRONMENT, "", None, name))
    return secrets_from({name: secret for name, secret in found.items() if secret.reveal()})
