"""Decides which files settings are read from, and whether a place is fit to hold them."""

import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.settings.origin import Layer
from fluxctl.settings.packaged import packaged_file
from fluxctl.windows import mounts, on_windows_drive


@dataclass(frozen=True)
class SettingsFile:
    """One file that settings may stand in."""

    layer: Layer
    path: Path

    @property
    def holds_secrets(self) -> bool:
        """Return whether secrets may stand in it, so that nobody else may read it."""
        return self.layer in (Layer.USER_CONFIG_ENV, Layer.LOCAL_CONFIG_ENV)


def settings_files(environment: Environment) -> list[SettingsFile]:
    """Return the files that are looked at, the lowest layer first."""
    config = environment.paths.config
    files = [
        SettingsFile(Layer.DEFAULTS, packaged_file("config_defaults.yaml")),
        SettingsFile(Layer.CONFIG_YAML, config / "config.yaml"),
        SettingsFile(Layer.USER_CONFIG_ENV, config / "config.env"),
    ]
    local = environment.working_folder / "config.env"
    return files if local == files[-1].path else [*files, SettingsFile(Layer.LOCAL_CONFIG_ENV, local)]


def contents(file: SettingsFile) -> bytes | None:
    """Return what a file holds, None if it does not exist; raise SettingsError if it cannot be read or if others can read its secrets."""
    try:
        # Without O_NONBLOCK a named pipe would be waited for.
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        hint = f"ls -l {shlex.quote(str(file.path))}"
        raise SettingsError(f"{file.path} cannot be read: {error.strerror}", hint=hint, code="unreadable_settings") from error
    try:
        _check_state(file, os.fstat(descriptor).st_mode)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


def _check_state(file: SettingsFile, mode: int) -> None:
    if not stat.S_ISREG(mode):
        hint = f"mv {shlex.quote(str(file.path))} {shlex.quote(str(file.path) + '.old')}"
        raise SettingsError(f"{file.path} is not a file", hint=hint, code="unreadable_settings")
    if file.holds_secrets and mode & 0o077:
        raise _open_to_others(file.path)


def refuse_windows_drive(folder: Path, what: str, environment: Environment) -> None:
    """Raise SettingsError if a folder that must keep modes and locks lies on a Windows drive; `what` names it."""
    if on_windows_drive(folder.resolve(), mounts()):
        if environment.variables.get("FLUXCTL_HOME"):
            hint = 'export FLUXCTL_HOME="$HOME/.fluxctl"   (and move the files there)'
        else:
            hint = f'mv {shlex.quote(str(folder))} "$HOME/.config/fluxctl"   (and unset XDG_CONFIG_HOME and XDG_STATE_HOME)'
        why = "there neither file modes nor locks hold; pictures may lie there, this may not"
        raise SettingsError(f"{what} would lie on a Windows drive ({folder}): {why}", hint=hint, code="windows_drive")


def _open_to_others(path: Path) -> SettingsError:
    quoted = shlex.quote(str(path))
    if on_windows_drive(path, mounts()):
        hint = f"mv {quoted} to fluxctl's config folder (fluxctl config path), then chmod 600 it: on a Windows drive modes do not hold"
    else:
        hint = f"chmod 600 {quoted}"
    return SettingsError(f"{path} may hold keys, and others on this computer can read it", hint=hint, code="config_env_readable")
