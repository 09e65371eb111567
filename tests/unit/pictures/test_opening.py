"""Opening a picture on the desktop, with real programs that note how they were called."""

import os
import time
from pathlib import Path

import pytest
from tests.support.pictures import a_user

from fluxctl.environment import Environment
from fluxctl.pictures import opening
from fluxctl.pictures.opening import open_picture, opener_commands
from fluxctl.windows import System


def program(folder: Path, name: str, text: str) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (folder / "bin" / name).chmod(0o755)


def noting(folder: Path, name: str, after: str = "exit 0") -> None:
    """Make a program that notes its arguments, whole, before it goes on."""
    program(folder, name, f'printf "%s\\n" "$0" "$@" > {folder}/noting && mv {folder}/noting {folder}/called\n{after}')


def called(folder: Path) -> list[str]:
    """Wait until a program has noted its arguments; return its name and them."""
    for _ in range(500):
        if (folder / "called").exists():
            name, *arguments = (folder / "called").read_text().splitlines()
            return [Path(name).name, *arguments]
        time.sleep(0.01)
    raise AssertionError("nothing was called")


@pytest.fixture(autouse=True)
def no_windows_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Look for Windows' programs in no real place."""
    monkeypatch.setattr(opening, "WINDOWS_FOLDER", tmp_path / "Windows")
    monkeypatch.setattr(opening, "POWERSHELL_FOLDER", tmp_path / "PowerShell")


@pytest.fixture
def user(tmp_path: Path) -> Environment:
    return a_user(tmp_path, PATH=os.pathsep.join((str(tmp_path / "bin"), "/bin", "/usr/bin")), DISPLAY=":0")


PICTURE = Path("/pictures/a fox's «snow».png")


def test_linux_uses_xdg_open(user: Environment, tmp_path: Path) -> None:
    noting(tmp_path, "xdg-open")
    assert open_picture(PICTURE, user, System.LINUX) is None
    assert called(tmp_path) == ["xdg-open", str(PICTURE)]


def test_macos_uses_open(user: Environment, tmp_path: Path) -> None:
    noting(tmp_path, "open")
    assert open_picture(PICTURE, user, System.MACOS) is None
    assert called(tmp_path) == ["open", str(PICTURE)]


def test_wsl_asks_what_windows_calls_the_file(user: Environment, tmp_path: Path) -> None:
    program(tmp_path, "wslpath", """test "$1" = -w && printf '\\\\\\\\wsl.localhost\\\\Ubuntu%s\\n' "$(printf %s "$2" | tr / '\\\\')" """)
    noting(tmp_path, "explorer.exe", "exit 1")
    assert open_picture(PICTURE, user, System.WSL) is None
    assert called(tmp_path) == ["explorer.exe", "\\\\wsl.localhost\\Ubuntu\\pictures\\a fox's «snow».png"]


def test_wsl_without_wslpath_knows_the_drives(user: Environment, tmp_path: Path) -> None:
    noting(tmp_path, "explorer.exe")
    assert open_picture(Path("/mnt/c/Users/Ada/x.png"), user, System.WSL) is None
    assert called(tmp_path) == ["explorer.exe", r"C:\Users\Ada\x.png"]
    assert "wslpath" in (open_picture(PICTURE, user, System.WSL) or "")


def test_wsl_falls_back_to_powershell(user: Environment, tmp_path: Path) -> None:
    noting(tmp_path, "powershell.exe")
    assert open_picture(Path("/mnt/c/a/it's.png"), user, System.WSL) is None
    assert called(tmp_path)[-1] == r"Start-Process -FilePath 'C:\a\it''s.png'"


def test_a_comma_which_explorer_reads_as_an_option_goes_through_powershell() -> None:
    assert [command[0] for command in opener_commands(System.WSL, r"C:\a,b.png")] == ["powershell.exe", "explorer.exe"]
    assert opener_commands(System.WINDOWS, r"C:\ab.png")[0] == ["explorer.exe", r"C:\ab.png"]


def test_windows_programs_are_found_although_they_are_not_on_the_path(user: Environment, tmp_path: Path) -> None:
    noting(tmp_path, "explorer.exe")
    (tmp_path / "Windows").mkdir()
    (tmp_path / "bin" / "explorer.exe").rename(tmp_path / "Windows" / "explorer.exe")
    assert open_picture(Path("/mnt/c/x.png"), user, System.WSL) is None
    assert called(tmp_path)[0] == "explorer.exe"


def test_a_program_that_fails_or_stays_does_not_matter(user: Environment, tmp_path: Path) -> None:
    noting(tmp_path, "xdg-open", "echo trouble >&2; sleep 2; exit 3")
    begin = time.monotonic()
    assert open_picture(PICTURE, user, System.LINUX) is None
    assert time.monotonic() - begin < 1
    assert called(tmp_path)[0] == "xdg-open"


def test_a_wslpath_that_hangs_costs_a_sentence_not_the_picture(user: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LIMIT_SECONDS", 0.2)
    program(tmp_path, "wslpath", "exec sleep 30")
    noting(tmp_path, "explorer.exe")
    note = open_picture(PICTURE, user, System.WSL)
    assert note is not None
    assert "timed out" in note


def test_nothing_to_open_with_is_one_sentence(user: Environment, tmp_path: Path) -> None:
    lonely = a_user(tmp_path, PATH=str(tmp_path / "bin"), DISPLAY=":0")
    for system, name in ((System.LINUX, "xdg-open"), (System.MACOS, "open"), (System.WINDOWS, "explorer.exe")):
        note = open_picture(PICTURE, lonely, system)
        assert note is not None
        assert name in note
        assert "\n" not in note


def test_without_a_desktop_nothing_is_started(tmp_path: Path) -> None:
    noting(tmp_path, "xdg-open")
    nobody = a_user(tmp_path, PATH=os.pathsep.join((str(tmp_path / "bin"), "/bin")))
    assert "desktop" in (open_picture(PICTURE, nobody, System.LINUX) or "")
    assert not (tmp_path / "called").exists()


def test_a_program_that_cannot_be_started_is_one_sentence(user: Environment, tmp_path: Path) -> None:
    program(tmp_path, "xdg-open", "")
    (tmp_path / "bin" / "xdg-open").write_bytes(b"\x7fELF broken")
    assert "could not be opened" in (open_picture(PICTURE, user, System.LINUX) or "")
