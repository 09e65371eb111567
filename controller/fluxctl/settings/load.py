"""Loads the settings of one command: every layer, checked, with the origin of each value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fluxctl.environment import Environment
from fluxctl.settings import env_file, variables, yaml_file
from fluxctl.settings.check import checked
from fluxctl.settings.model import Values
from fluxctl.settings.origin import Layer, Origin
from fluxctl.settings.places import SettingsFile, contents, refuse_windows_drive, settings_files
from fluxctl.settings.secrets import Secret, Secrets, secrets_from
from fluxctl.settings.tree import Tree, dotted


@dataclass(frozen=True)
class Settings:
    """All settings of one command. Nothing here changes after loading."""

    values: Values
    origins: Mapping[str, Origin]
    """Dotted key (`pod.drain_seconds`) → where its value came from. Groups have one too."""
    secrets: Secrets
    notes: tuple[str, ...]
    """Hints to say once."""


@dataclass
class _Layers:
    """The layers read so far, laid over each other."""

    tree: Tree
    values: Values
    secrets: dict[str, Secret] = field(default_factory=dict[str, Secret])
    notes: list[str] = field(default_factory=list[str])

    def add(self, layer: Tree) -> None:
        """Lay one more layer on top, and check it with what it stands on: a wrong value is refused even where a higher one hides it."""
        if layer.values:
            self.tree = layer.over(self.tree)
            self.values = checked(self.tree)

    def add_variables(self, found: variables.Variables) -> None:
        """Lay a layer of variables on top."""
        self.add(found.tree)
        self.secrets |= found.secrets
        self.notes += found.notes


def load_settings(environment: Environment) -> Settings:
    """Given the environment, return its settings; raise SettingsError that says where and what, if anything is wrong with any of them."""
    refuse_windows_drive(environment.paths.config, "the config folder", environment)
    refuse_windows_drive(environment.paths.state, "the folder of ledger and keys", environment)
    defaults, config, *env_files = settings_files(environment)
    lowest = read_yaml(config).over(read_yaml(defaults))
    layers = _Layers(lowest, checked(lowest))
    for file in env_files:
        data = contents(file)
        if data is not None:
            entries = env_file.parsed(yaml_file.decoded(data, str(file.path)), str(file.path), file.layer)
            layers.add_variables(variables.from_file(entries, layers.tree))
    layers.add_variables(variables.from_environment(environment.variables, layers.tree))
    origins = {dotted(path): origin for path, origin in layers.tree.origins.items()}
    return Settings(layers.values, origins, secrets_from(layers.secrets), tuple(layers.notes))


def read_yaml(file: SettingsFile) -> Tree:
    """Return a YAML file as a tree, empty if it does not exist; raise SettingsError if it is malformed."""
    data = contents(file)
    if data is None:
        return Tree()
    place = str(file.path)
    return yaml_file.parsed(yaml_file.decoded(data, place), place, file.layer, trusted=file.layer is Layer.DEFAULTS)
