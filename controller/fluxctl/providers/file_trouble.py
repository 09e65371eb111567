"""Turns trouble with the local pod's own files into one error that names the file and what to do."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from fluxctl.errors import ProviderError


@contextmanager
def told(path: Path, what: str) -> Generator[None]:
    """Given a file or folder and what is done with it (`read`, `written`, …), raise ProviderError where that fails."""
    try:
        yield
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        hint = "make it a place that you can read and write, or name another with FLUXCTL_HOME=FOLDER"
        raise ProviderError(f"{path} cannot be {what}: {why}", hint=hint, code="state_folder") from error
