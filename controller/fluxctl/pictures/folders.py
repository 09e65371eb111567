"""Decides whether a folder stands somewhere, without an error for a path that cannot be."""

from pathlib import Path


def is_folder(path: Path) -> bool:
    """Return whether a folder stands there; no for a path that cannot be looked at or cannot be."""
    try:
        return path.is_dir()
    except OSError:
        return False
