"""Decides what a path of Windows is called on Linux and the other way round, and whether this is Linux under Windows (WSL)."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath

DRIVES = PurePosixPath("/mnt")
"""Where WSL mounts the drives of Windows, unless told otherwise."""
_MOUNTS = Path("/proc/self/mounts")
_WSL_FOLDER = re.compile(r"/mnt/[a-z](/|$)")
_DRIVE_PATH = re.compile(r"[A-Za-z]:[\\/]")


class System(StrEnum):
    """What a person sits at."""

    LINUX = "linux"
    WSL = "wsl"
    MACOS = "macos"
    WINDOWS = "windows"


def system_of(platform: str, variables: Mapping[str, str], kernel: str) -> System:
    """Given `sys.platform`, the environment variables and the text of /proc/version, return the system."""
    if platform == "win32":
        return System.WINDOWS
    if platform == "darwin":
        return System.MACOS
    if variables.get("WSL_DISTRO_NAME") or variables.get("WSL_INTEROP") or "microsoft" in kernel.lower():
        return System.WSL
    return System.LINUX


def kernel_text() -> str:
    """Return what the kernel says of itself, "" where it does not."""
    try:
        return Path("/proc/version").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def has_drive_name(folder: Path) -> bool:
    """Given an absolute folder without links in it, return whether its name is that of a Windows drive under WSL: /mnt/<letter>."""
    parts = PurePosixPath(folder).parts
    return len(parts) >= 3 and parts[:2] == DRIVES.parts and len(parts[2]) == 1 and parts[2].isalpha()


def is_windows_path(text: str) -> bool:
    r"""Return whether the text is a full path of Windows, such as `C:\Users\Ada`."""
    return _DRIVE_PATH.match(text) is not None


def to_linux_path(text: str) -> Path | None:
    r"""Given `C:\Users\Ada`, return /mnt/c/Users/Ada; None for anything but a full path with a drive letter."""
    if not is_windows_path(text):
        return None
    path = PureWindowsPath(text)
    return Path(DRIVES, path.drive[0].lower(), *path.parts[1:])


def to_windows_path(path: Path) -> str | None:
    r"""Given /mnt/c/Users/Ada, return `C:\Users\Ada`; None for a path that is not on a Windows drive."""
    if not has_drive_name(path):
        return None
    letter, *rest = path.parts[2:]
    return f"{letter.upper()}:\\" + "\\".join(rest)


def on_windows_drive(path: Path, mounted: Iterable[tuple[str, str]]) -> bool:
    """Given an absolute path and the mounts as (folder, type and options), return whether Windows keeps it: WSL's /mnt/c and the like."""
    text = str(path)
    covering = [(folder, kind) for folder, kind in mounted if text == folder or text.startswith(folder.rstrip("/") + "/")]
    folder, kind = max(covering, key=lambda mount: len(mount[0]), default=("/", ""))
    if "drvfs" in kind:
        return True
    # A Linux disk may be mounted at /mnt/d: then the mount says so, and it is a good place.
    return bool(_WSL_FOLDER.match(text)) and not _WSL_FOLDER.match(folder)


def mounts() -> list[tuple[str, str]]:
    """Return this computer's mounts as (folder, type and options); none where the kernel does not tell (macOS)."""
    try:
        lines = _MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines]
    return [(part[1].replace("\\040", " "), f"{part[2]} {part[3]}") for part in fields if len(part) > 3]
