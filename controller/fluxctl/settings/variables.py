"""Decides what each variable means: a setting, one under its older name, or a secret."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fluxctl.settings.env_file import Entry
from fluxctl.settings.nearest import nearest
from fluxctl.settings.origin import Layer, Origin
from fluxctl.settings.problems import Problem, refuse
from fluxctl.settings.schema import Leaf, leaves
from fluxctl.settings.secrets import SECRET_FIELDS, Secret
from fluxctl.settings.tree import Path, Tree

PREFIX = "FLUXCTL_"
HOME = "FLUXCTL_HOME"
_OLDER_STEPS = "STEPS_"
_OLDER_NAMES: dict[Path, str] = {("link", "ssh_key"): "SSH_KEY", ("link", "connect_timeout_seconds"): "SSH_CONNECT_TIMEOUT"}
"""Setting → its name in the older tool."""
_NOT_NEEDED = {
    "RUNPOD_HOST": "fluxctl asks for the address at every connection",
    "RUNPOD_PORT": "fluxctl asks for the port at every connection",
    "RUNPOD_USER": "a pod is always entered as root",
    "RUNPOD_POD_ID": "fluxctl finds your pod by itself",
}
"""Names in a config.env of the older tool → why they may go."""


@dataclass
class Variables:
    """One layer of variables, understood."""

    tree: Tree = field(default_factory=Tree)
    secrets: dict[str, Secret] = field(default_factory=dict[str, Secret])
    notes: list[str] = field(default_factory=list[str])


def from_environment(variables: Mapping[str, str], lower: Tree) -> Variables:
    """Given the process's variables and the layers below, return what they set; raise SettingsError for a FLUXCTL_ name that is none."""
    names = _names(lower)
    wanted = [name for name in variables if (name.startswith(PREFIX) and name != HOME) or name in names or name in SECRET_FIELDS]
    return _understood([Entry(name, variables[name], Origin(Layer.ENVIRONMENT, "", None, name)) for name in wanted], names)


def from_file(entries: Sequence[Entry], lower: Tree) -> Variables:
    """Given the lines of a config.env and the layers below, return what they set; raise SettingsError for any unknown name."""
    return _understood(entries, _names(lower))


def _understood(entries: Sequence[Entry], names: Mapping[str, tuple[Path, Leaf]]) -> Variables:
    result, problems = Variables(), list[Problem]()
    # The full name of a setting goes before the older tool's: it is put last.
    for entry in sorted(entries, key=lambda entry: entry.name.startswith(PREFIX)):
        if entry.name in SECRET_FIELDS:
            if entry.value.strip():
                result.secrets[entry.name] = Secret(entry.value.strip(), entry.origin)
        elif entry.name in names:
            path, leaf = names[entry.name]
            if entry.value.strip():
                result.tree.put(path, leaf.from_text(entry.value), entry.origin, f'"{entry.value.strip()}"')
        elif entry.name in _NOT_NEEDED:
            result.notes.append(
                f"{entry.origin.at}: {entry.name} is not needed any more ({_NOT_NEEDED[entry.name]}); you can delete the line"
            )
        else:
            problems.append(Problem(entry.origin.at, _unknown(entry.name, names)))
    refuse(problems, hint="fluxctl config show", code="unknown_setting")
    return result


def _unknown(name: str, names: Mapping[str, object]) -> str:
    if name == HOME:
        return f"{HOME} says where this file is looked for, so it is only read from the environment"
    groups = sorted(right for right in names if right.startswith(f"{name}__"))
    if groups:
        return f"{name} is a group; set a value in it, such as {groups[0]}"
    close = nearest(name, [*names, *SECRET_FIELDS])
    what = f"unknown name {name}"
    return f"{what}; did you mean {close}?" if close else f"{what}; names are FLUXCTL_<GROUP>__<NAME>, such as FLUXCTL_PICTURES__FORMAT"


def _names(lower: Tree) -> dict[str, tuple[Path, Leaf]]:
    """Return every variable that sets a value, with the value's path; the first of two that read alike wins."""
    result: dict[str, tuple[Path, Leaf]] = {}
    for path, leaf in leaves(lower.values).items():
        result.setdefault(PREFIX + "__".join(_upper(name) for name in path), (path, leaf))
        if len(path) == 3 and path[0] == "presets" and path[2] == "steps":
            result.setdefault(_OLDER_STEPS + _upper(path[1]), (path, leaf))
        if path in _OLDER_NAMES:
            result.setdefault(_OLDER_NAMES[path], (path, leaf))
    return result


def _upper(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())
