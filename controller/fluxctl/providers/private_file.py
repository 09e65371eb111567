"""Writes files that only this user can read, whole or not at all."""

import os
from pathlib import Path

from fluxctl.errors import ProviderError


def write_private(file: Path, text: str) -> None:
    """Write a file that only this user can read, whole or not at all; raise ProviderError when that fails."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        aside.unlink(missing_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(file)
    except OSError as error:
        raise ProviderError(f"{file} cannot be written: {error.strerror}", hint="make room there, or set FLUXCTL_HOME") from error
