"""Decides where `fetch --out` brings pictures, and makes that folder."""

from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.pictures.destination import Destination, prepare
from fluxctl.pictures.places import typed_path


def fetch_folder(out: str | None, environment: Environment) -> Path | None:
    """Given `--out`, make the folder and return it; None: each job's own place. Raise UsageError or NotSavedError where it cannot be."""
    if out is None:
        return None
    folder = typed_path(out, environment)
    prepare(Destination(folder), environment)
    return folder
