"""Sets one setting in config.yaml: checked first, written aside, then renamed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError, UsageError
from fluxctl.settings import schema, yaml_file
from fluxctl.settings.check import judged
from fluxctl.settings.edit import edited, scalar
from fluxctl.settings.load import load_settings, read_yaml
from fluxctl.settings.nearest import nearest
from fluxctl.settings.origin import Layer, Origin
from fluxctl.settings.places import contents, refuse_windows_drive, settings_files
from fluxctl.settings.problems import refuse
from fluxctl.settings.report import value_text
from fluxctl.settings.secrets import SECRET_FIELDS, sounds_secret
from fluxctl.settings.tree import Path as Keys
from fluxctl.settings.tree import Tree
from fluxctl.settings.whole_file import replace_file

_TYPED = Origin(Layer.CONFIG_YAML, "what was typed")


@dataclass(frozen=True)
class Change:
    """What was set."""

    key: str
    text: str
    """The value in words."""
    place: str
    """`file:line`"""
    warning: str
    """Why it may not hold: a layer above sets the same, or is broken."""


def set_value(environment: Environment, key: str, value: str) -> Change:
    """Given a dotted key and its value as text, write it into the user's config.yaml.

    Raise UsageError for an unknown key or a value that is not allowed, SettingsError for a secret or a file that cannot
    be changed; then nothing is written.
    """
    refuse_windows_drive(environment.paths.config, "the config folder", environment)
    defaults, config = settings_files(environment)[:2]
    data = contents(config)
    place = str(config.path)
    text = "" if data is None else yaml_file.decoded(data, place)
    old = yaml_file.parsed(text, place, Layer.CONFIG_YAML)
    merged = old.over(read_yaml(defaults))
    path, leaf = _known(key, merged, config.path.with_name("config.env"))
    wanted = leaf.from_text(value)
    if not value.isprintable():
        raise UsageError(f"the value of {key} holds a character that cannot be printed", hint="fluxctl config show", code="bad_setting")
    _check(path, wanted, value, merged)
    changed = edited(text, path, wanted, place)
    tree = yaml_file.parsed(changed, place, Layer.CONFIG_YAML)
    if tree.values != _with(old, path, wanted).values:
        by_hand = f"write it there by hand: {scalar(wanted)}"
        raise SettingsError(f"{place} is written in a way that {key} cannot be set in it", hint=by_hand, code="unwritable_settings")
    replace_file(config.path, changed)
    return Change(key, value_text(wanted), tree.origins[path].text, _warning(environment, key))


def _known(key: str, merged: Tree, secrets_file: Path) -> tuple[Keys, schema.Leaf]:
    leaves = {".".join(path): (path, leaf) for path, leaf in schema.leaves(merged.values).items()}
    if key in leaves:
        return leaves[key]
    if key.upper() in SECRET_FIELDS or sounds_secret(key):
        name = key.upper() if key.upper() in SECRET_FIELDS else "NAME"
        hint = f"write {name}=… into {secrets_file} and chmod 600 it; the shell's history now holds what was typed"
        raise SettingsError(
            f"{key} is a secret: secrets stand in config.env or the environment, never in config.yaml", hint=hint, code="secret"
        )
    below = [name for name in leaves if name.startswith(f"{key}.")]
    if below:
        raise UsageError(f"{key} is a group; set one value in it", hint=f"fluxctl config set {below[0]} VALUE", code="unknown_setting")
    close = nearest(key, leaves)
    meant = f"; did you mean {close}?" if close else ""
    hint = f"fluxctl config set {close} VALUE" if close else "fluxctl config show"
    raise UsageError(f"unknown setting {key}{meant}", hint=hint, code="unknown_setting")


def _check(path: Keys, wanted: Any, typed: str, merged: Tree) -> None:
    """Raise UsageError if what was typed is wrong, SettingsError if something else in the file is."""
    new = Tree()
    new.put(path, wanted, _TYPED, f'"{typed}"')
    _, problems = judged(new.over(merged))
    mine = [problem.text for problem in problems if problem.at == _TYPED.at]
    if mine:
        raise UsageError("; ".join(mine), hint="fluxctl config show", code="bad_setting")
    refuse(problems)


def _with(tree: Tree, path: Keys, value: Any) -> Tree:
    new = Tree()
    new.put(path, value, _TYPED, "")
    return new.over(tree)


def _warning(environment: Environment, key: str) -> str:
    """Return what keeps the new value from holding; it is written all the same."""
    try:
        origin = load_settings(environment).origins[key]
    except SettingsError as error:
        return f"{error.message} ({error.hint})"
    return "" if origin.layer is Layer.CONFIG_YAML else f"{origin.text} goes before it"
