"""Replaces a settings file as a whole: written aside, synced, then renamed, so that it is never half there."""

import os
import shlex
import tempfile
from pathlib import Path

from fluxctl.errors import SettingsError


def replace_file(path: Path, text: str, *, mode: int | None = None) -> None:
    """Given a file's new text, put it in place; a link stays a link. `mode` None: the one it has, 600 for a new file.

    Raise SettingsError when it cannot be written; then the old one stands.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if mode is None:
            mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        descriptor, aside = tempfile.mkstemp(prefix=".config-", suffix=target.suffix, dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(text.encode())
                stream.flush()
                os.fsync(descriptor)
            Path(aside).chmod(mode)
            Path(aside).replace(target)
        except OSError:
            Path(aside).unlink()
            raise
    except OSError as error:
        hint = f"ls -ld {shlex.quote(str(path.parent))}"
        raise SettingsError(f"{path} cannot be written: {error.strerror}", hint=hint, code="unwritable_settings") from error
