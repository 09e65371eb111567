"""Decides which path a person means, and where pictures go when nothing is said."""

import sys
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import UsageError
from fluxctl.windows import System, is_windows_path, kernel_text, system_of, to_linux_path

FOLDER_NAME = "FLUX"


def typed_path(text: str, environment: Environment) -> Path:
    r"""Given a path as typed, return it in full; under WSL `C:\Users` is /mnt/c/Users; raise UsageError for no path."""
    if not text.strip() or "\0" in text:
        raise UsageError(f"{text!r} is not a path", code="bad_path")
    if is_windows_path(text) and current_system(environment) is System.WSL and (translated := to_linux_path(text)):
        return translated
    if text == "~" or text.startswith("~/"):
        return environment.home / text[2:]
    return environment.working_folder / text


def current_system(environment: Environment) -> System:
    """Return what the person sits at."""
    return system_of(sys.platform, environment.variables, kernel_text())


def default_folder(environment: Environment, configured: str | None = None) -> Path:
    """Given `pictures.folder` of the settings, if set, return where pictures go: there, FLUXCTL_HOME, or Pictures/FLUX."""
    if configured:
        return typed_path(configured, environment)
    if environment.paths.pictures is not None:
        return environment.paths.pictures
    system = current_system(environment)
    if system is System.WSL:
        from fluxctl.pictures.windows_folder import windows_pictures

        return (windows_pictures(environment) or environment.home / "Pictures") / FOLDER_NAME
    if system is System.LINUX:
        from platformdirs import user_pictures_path

        return user_pictures_path() / FOLDER_NAME
    return environment.home / "Pictures" / FOLDER_NAME
