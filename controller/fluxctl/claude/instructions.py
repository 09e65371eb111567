"""Reads what Claude is told to do with a prompt: afresh at every use, so that an edit counts at once."""

from pathlib import Path

from fluxctl.errors import SettingsError
from fluxctl.settings.packaged import prompt_file

NAME = "claude_system.txt"
_LARGEST_BYTES = 100_000
"""Instructions are read by a person too; more than this is another file."""


def read_instructions(config: Path) -> str:
    """Given the config folder, return the user's own instructions, else the packaged ones; raise SettingsError if they are none."""
    file = prompt_file(config, NAME)
    back = f"rm {file} brings the packaged ones back" if file.is_relative_to(config) else "install fluxctl anew"
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"the instructions {file} cannot be read: {error.strerror}", hint=back, code="no_prompt_file") from error
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{file}:{line}: these instructions are not UTF-8", hint=back, code="not_utf8") from error
    if len(data) > _LARGEST_BYTES:
        raise SettingsError(f"the instructions {file} have more than {_LARGEST_BYTES} bytes", hint=back, code="instructions_too_long")
    if not text:
        raise SettingsError(f"the instructions {file} are empty", hint=f"write some; {back}", code="empty_instructions")
    return text
