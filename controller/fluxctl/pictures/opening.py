"""Opens a picture on the person's desktop: Linux, WSL, macOS, Windows. It can never fail the command that made the picture."""

import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.pictures.places import current_system
from fluxctl.pictures.windows_folder import POWERSHELL_FOLDER
from fluxctl.windows import System, to_windows_path

LIMIT_SECONDS = 3.0
"""`wslpath` answers in milliseconds; it waits for nobody."""
WINDOWS_FOLDER = Path("/mnt/c/Windows")


def open_picture(path: Path, environment: Environment, system: System | None = None) -> str | None:
    """Given a picture, start what shows it and do not wait; return None, or one sentence when that could not be done."""
    here = system or current_system(environment)
    if here is System.LINUX and not has_desktop(environment.variables):
        return f"no desktop here to open {path} on"
    try:
        shown = _windows_name(path, environment) if here is System.WSL else str(path)
        for command in opener_commands(here, shown):
            if program := _program(command[0], here, environment.variables):
                _start([program, *command[1:]], environment.variables)
                return None
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"{path} could not be opened: {error}"
    return f"nothing found to open {path} with: {' or '.join(command[0] for command in opener_commands(here, shown))}"


def has_desktop(variables: Mapping[str, str]) -> bool:
    """Return whether a window can be shown on Linux; without one, xdg-open would start a browser in the terminal."""
    return bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))


def opener_commands(system: System, name: str) -> list[list[str]]:
    """Given the system and the picture's name as that system writes it, return the commands to try, best first."""
    if system is System.MACOS:
        return [["open", name]]
    if system is System.LINUX:
        return [["xdg-open", name]]
    explorer = ["explorer.exe", name]
    quoted = name.replace("'", "''")
    powershell = ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", f"Start-Process -FilePath '{quoted}'"]
    return [powershell, explorer] if set(name) & set(",=") else [explorer, powershell]


def _windows_name(path: Path, environment: Environment) -> str:
    r"""Return the picture's name as Windows writes it, such as `C:\…` or `\\wsl.localhost\…`."""
    program = shutil.which("wslpath", path=environment.variables.get("PATH", ""))
    if program is not None:
        done = subprocess.run(
            [program, "-w", str(path)],
            capture_output=True,
            timeout=LIMIT_SECONDS,
            stdin=subprocess.DEVNULL,
            env=dict(environment.variables),
            check=False,
        )
        name = done.stdout.decode("utf-8", "replace").strip()
        if name:
            return name
    name = to_windows_path(path)
    if name is None:
        raise ValueError("wslpath did not say what Windows calls it")
    return name


def _program(name: str, system: System, variables: Mapping[str, str]) -> str | None:
    """Return where a program lies; under WSL Windows' own folders need not be on the PATH."""
    further = (str(WINDOWS_FOLDER), str(POWERSHELL_FOLDER)) if system is System.WSL else ()
    return shutil.which(name, path=os.pathsep.join((variables.get("PATH", ""), *further)))


def _start(command: list[str], variables: Mapping[str, str]) -> None:
    """Start a program in a session of its own; what it says and how it ends is nobody's business."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, env=dict(variables)
    )
    threading.Thread(target=process.wait, daemon=True).start()
