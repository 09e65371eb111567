"""Finds the files that come with fluxctl: inside the wheel, or beside the sources of a checkout."""

from pathlib import Path

from fluxctl.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]


def packaged_file(name: str) -> Path:
    """Given a name such as `config_defaults.yaml` or `prompts/claude_system.txt`, return where it lies; it may not exist."""
    in_wheel = _PACKAGE / "data" / name
    return in_wheel if in_wheel.exists() else _CHECKOUT / name


def prompt_file(config: Path, name: str) -> Path:
    """Given the config folder and a file's name, return the user's own prompt file, else the packaged one.

    Raise SettingsError if there is neither.
    """
    candidates = (config / "prompts" / name, packaged_file(f"prompts/{name}"))
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise SettingsError(f"there is no prompt file {name}: looked for {candidates[0]} and {candidates[1]}", code="no_prompt_file")
