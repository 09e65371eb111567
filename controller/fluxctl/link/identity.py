"""Decides which SSH key opens a pod: the one that is named, the one that fluxctl made, one of ~/.ssh, or one of the agent."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fluxctl.environment import Environment
from fluxctl.link.errors import KeyFileError
from fluxctl.link.key_file import KeyFile, fingerprint, public_key, read_private_key, read_public_key, refuse_windows_drive
from fluxctl.link.ssh_process import run
from fluxctl.link.user_config import UserConfig, read_user_config

MAKE_KEY = "fluxctl ssh --make-key"


class KeySetting(Protocol):
    """The part of the settings that names a key."""

    @property
    def ssh_key(self) -> str | None:
        """`link.ssh_key`"""
        ...


@dataclass(frozen=True)
class Identity:
    """The key that opens a pod."""

    private_key: Path | None
    """None: it lies in the agent, or on a hardware token that the agent knows."""
    public_key: str
    """Type and key, without comment: a line of authorized_keys."""
    needs_passphrase: bool = False
    """Nobody can type it here: the agent has to hold the key."""

    @property
    def words(self) -> str:
        """Return it for people."""
        where = str(self.private_key) if self.private_key else "a key of the agent"
        return f"{where} ({fingerprint(self.public_key)})"


def own_key(environment: Environment) -> Path:
    """Return where the key lies that fluxctl makes on request; it may not exist."""
    return environment.paths.config / "ssh" / "id_ed25519"


def find_identity(environment: Environment, settings: KeySetting, *, make: bool) -> Identity:
    """Return the key that opens a pod; `make`: one that is missing is made. Raise KeyFileError where there is none, or it is not safe."""
    if settings.ssh_key is not None:
        return _named(environment, settings.ssh_key, make=make)
    own = own_key(environment)
    if own.exists():
        return _identity(read_private_key(own, environment.variables))
    found = _found(environment)
    if found is not None:
        return found
    if make:
        return make_key(environment, own)
    raise KeyFileError("there is no SSH key that opens a pod: none in ~/.ssh, none in an agent", hint=MAKE_KEY, code="no_key")


def make_key(environment: Environment, path: Path) -> Identity:
    """Make an ed25519 key without passphrase at a path where there is none, and return it; raise KeyFileError when that fails."""
    refuse_windows_drive(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileError(f"{path.parent} cannot be made: {error.strerror}", hint=f"ls -ld {path.parent.parent}") from error
    ran = run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "fluxctl", "-f", str(path)], environment.variables)
    if ran.code != 0:
        raise KeyFileError(f"ssh-keygen made no key at {path}: {ran.err.strip() or ran.code}", hint=f"ls -ld {path.parent}")
    return _identity(read_private_key(path, environment.variables))


def _named(environment: Environment, text: str, *, make: bool) -> Identity:
    """Return the key that the settings name, which may be the public half of one in an agent."""
    path = environment.home / text[2:] if text.startswith("~/") else environment.working_folder / text
    private = path.with_suffix("") if path.suffix == ".pub" else path
    public = private.with_name(f"{private.name}.pub")
    if private.exists():
        return _identity(read_private_key(private, environment.variables))
    if public.exists():
        return Identity(None, read_public_key(public))
    if make:
        return make_key(environment, private)
    raise KeyFileError(
        f"there is no SSH key at {private} (SSH_KEY, link.ssh_key)", hint=f"ls {private.parent}, or {MAKE_KEY}", code="no_key"
    )


def _found(environment: Environment) -> Identity | None:
    """Return the first key of ssh's own places that can be used without a question; else one that the agent has to be given first."""
    config = read_user_config(environment.variables, environment.home)
    agent = _agent_keys(environment, config)
    locked, trouble = None, None
    for path in config.identity_files:
        try:
            identity = _of_file(environment, path)
        except KeyFileError as error:
            trouble = trouble or error
            continue
        if identity is None:
            continue
        if identity.public_key in agent or not (identity.needs_passphrase or identity.private_key is None):
            return identity
        locked = locked or (identity if identity.private_key else None)
    if agent:
        return Identity(None, agent[0])
    if locked is None and trouble is not None:
        raise trouble
    return locked


def _of_file(environment: Environment, path: Path) -> Identity | None:
    """Return the key of a file that ssh would try; None where there is nothing."""
    if path.is_file():
        return _identity(read_private_key(path, environment.variables))
    public = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
    return Identity(None, read_public_key(public)) if public.is_file() else None


def _agent_keys(environment: Environment, config: UserConfig) -> tuple[str, ...]:
    """Return the public keys that the agent holds; none where there is no agent."""
    socket = config.agent or environment.variables.get("SSH_AUTH_SOCK", "")
    if not socket or socket == "none":
        return ()
    ran = run(["ssh-add", "-L"], {**environment.variables, "SSH_AUTH_SOCK": socket})
    return _keys(ran.out.splitlines()) if ran.code == 0 else ()


def _keys(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(key for line in lines if (key := public_key(line)))


def _identity(file: KeyFile) -> Identity:
    return Identity(file.path, file.public_key, file.needs_passphrase)


def unlock_hint(identity: Identity) -> str:
    """Return what to type so that a key with a passphrase can be used, "" for another one."""
    return f"ssh-add {shlex.quote(str(identity.private_key))}" if identity.needs_passphrase else ""
