"""Finds the Pictures folder of the Windows user from WSL, once, and remembers it."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.pictures.folders import is_folder
from fluxctl.windows import to_linux_path

LIMIT_SECONDS = 5.0
"""A cold PowerShell takes about one second; one that hangs must not hold up a picture."""
NOT_FOUND_HOLDS_SECONDS = 86400.0
"""How long "not found" is believed before Windows is asked again."""
POWERSHELL_FOLDER = Path("/mnt/c/Windows/System32/WindowsPowerShell/v1.0")
USERS = Path("/mnt/c/Users")
_QUESTION = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; [Environment]::GetFolderPath('MyPictures')"
_NOBODY = frozenset({"all users", "default", "default user", "public", "wsiaccount", "defaultapppool"})


def windows_pictures(environment: Environment, users: Path = USERS) -> Path | None:
    """Return the Windows user's Pictures folder, None if it cannot be found; asks Windows only when nothing valid is remembered."""
    memory = environment.paths.cache / "windows_pictures.json"
    known, folder = _recall(memory, environment.now())
    if known:
        return folder
    folder = from_answer(_ask(environment)) or from_facts(
        environment.variables.get("USERPROFILE", ""), environment.home.name, _names(users), users
    )
    if folder is not None and not is_folder(folder.parent):
        folder = None
    _remember(memory, folder, environment.now())
    return folder


def from_answer(answer: str) -> Path | None:
    r"""Given what PowerShell printed, such as `C:\Users\Ada\OneDrive\Pictures`, return the folder as Linux sees it, None for no folder."""
    lines = [line.strip().lstrip("\ufeff") for line in answer.replace("\0", "").splitlines() if line.strip()]
    return to_linux_path(lines[-1]) if lines else None


def from_facts(user_profile: str, linux_user: str, names: Sequence[str], users: Path = USERS) -> Path | None:
    r"""Given USERPROFILE, the Linux user's name and what lies in C:\Users, return the Pictures folder, None where it is not clear whose."""
    if user_profile:
        return (to_linux_path(user_profile) or Path(user_profile)) / "Pictures"
    people = [name for name in names if name.lower() not in _NOBODY and not name.startswith(".")]
    same = [name for name in people if name.lower() == linux_user.lower()]
    owners = same or people
    return users / owners[0] / "Pictures" if len(owners) == 1 else None


def _ask(environment: Environment) -> str:
    """Return what PowerShell says, "" if it says nothing in time."""
    search = os.pathsep.join((environment.variables.get("PATH", ""), str(POWERSHELL_FOLDER)))
    program = shutil.which("powershell.exe", path=search)
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, "-NoProfile", "-NonInteractive", "-Command", _QUESTION],
            capture_output=True,
            timeout=LIMIT_SECONDS,
            stdin=subprocess.DEVNULL,
            env=dict(environment.variables),
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    except OSError:
        return []


def _recall(memory: Path, now: float) -> tuple[bool, Path | None]:
    """Return whether an answer is remembered that still holds, and the answer."""
    try:
        data = json.loads(memory.read_text(encoding="utf-8"))
        folder, asked_at = data["folder"], float(data["asked_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return False, None
    if folder is None:
        return 0 <= now - asked_at < NOT_FOUND_HOLDS_SECONDS, None
    return is_folder(Path(folder).parent), Path(folder)


def _remember(memory: Path, folder: Path | None, now: float) -> None:
    """Keep the answer, where that is possible: it can be found again."""
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        aside = memory.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps({"folder": folder and str(folder), "asked_at": now}), encoding="utf-8")
        aside.replace(memory)
    except OSError:
        return
