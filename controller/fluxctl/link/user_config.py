"""Asks ssh what the user's own configuration says about pods: which keys, which agent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fluxctl.errors import SettingsError
from fluxctl.link.ssh_process import run

ANY_POD = "fluxctl-pod"
"""Stands for every pod: `Host fluxctl-*` in ~/.ssh/config is about them all."""


@dataclass(frozen=True)
class UserConfig:
    """What matters of it."""

    identity_files: tuple[Path, ...] = ()
    """Named there, or ssh's own defaults; most do not exist."""
    agent: str | None = None
    """The agent's socket, where the configuration names another than SSH_AUTH_SOCK; `none`: no agent is to be asked."""
    known_hosts_command: bool = False
    """Whether a command would vouch for host keys."""


def read_user_config(variables: Mapping[str, str], home: Path, host: str = ANY_POD) -> UserConfig:
    """Given the user's variables and home, return what ssh would do for a host; raise SettingsError when ssh cannot read it."""
    ran = run(["ssh", "-G", host], variables)
    if ran.code != 0:
        why = " ".join(ran.err.split()) or f"ssh -G ended with {ran.code}"
        raise SettingsError(f"your ssh configuration cannot be read: {why}", hint=f"ssh -G {host}", code="ssh_config")
    parts = [line.partition(" ") for line in ran.out.splitlines()]
    return parsed([(name, value) for name, _, value in parts], home)


def parsed(said: Sequence[tuple[str, str]], home: Path) -> UserConfig:
    """Given the lines of `ssh -G` as name and value, return what matters of them."""
    files = [value for name, value in said if name == "identityfile" and value.lower() != "none"]
    agent = next((value for name, value in said if name == "identityagent"), "SSH_AUTH_SOCK")
    command = next((value for name, value in said if name == "knownhostscommand"), "none")
    return UserConfig(tuple(_path(file, home) for file in files), None if agent == "SSH_AUTH_SOCK" else agent, command != "none")


def _path(text: str, home: Path) -> Path:
    """Return a path with ssh's ~ and %d, which stand for the home folder, in full."""
    bare = text.strip('"').replace("%d", str(home)).replace("%%", "%")
    return home / bare[2:] if bare.startswith("~/") else Path(bare)
