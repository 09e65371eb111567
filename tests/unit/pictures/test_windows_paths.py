r"""Paths of Windows under WSL, backslashes and all."""

import json
import os
from pathlib import Path

import pytest
from tests.support.pictures import NOON, a_user

from fluxctl.environment import Environment
from fluxctl.pictures.places import default_folder, typed_path
from fluxctl.pictures.windows_folder import NOT_FOUND_HOLDS_SECONDS, from_answer, from_facts, windows_pictures
from fluxctl.windows import System, system_of, to_linux_path, to_windows_path


def program(folder: Path, name: str, text: str) -> None:
    """Make a real program."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("platform", "variables", "kernel", "expected"),
    [
        ("linux", {}, "Linux version 6.1.0-debian", System.LINUX),
        ("linux", {}, "Linux version 5.15.167.4-microsoft-standard-WSL2", System.WSL),
        ("linux", {}, "Linux version 4.4.0-19041-Microsoft", System.WSL),
        ("linux", {"WSL_DISTRO_NAME": "Ubuntu"}, "", System.WSL),
        ("darwin", {}, "", System.MACOS),
        ("win32", {}, "", System.WINDOWS),
    ],
)
def test_the_system_is_told_from_facts(platform: str, variables: dict[str, str], kernel: str, expected: System) -> None:
    assert system_of(platform, variables, kernel) is expected


@pytest.mark.parametrize(
    ("windows", "linux"),
    [
        (r"C:\Users\Ada\Pictures", "/mnt/c/Users/Ada/Pictures"),
        (r"d:\Bilder\Ada Lovelace", "/mnt/d/Bilder/Ada Lovelace"),
        ("C:/Users/Ada", "/mnt/c/Users/Ada"),
        ("C:\\", "/mnt/c"),
        (r"\\server\share\x", None),
        ("/home/ada", None),
        ("C:relative", None),
        ("", None),
    ],
)
def test_windows_paths_are_translated(windows: str, linux: str | None) -> None:
    assert to_linux_path(windows) == (linux and Path(linux))


@pytest.mark.parametrize(
    ("linux", "windows"),
    [("/mnt/c/Users/Ada/a b.png", r"C:\Users\Ada\a b.png"), ("/mnt/d", "D:\\"), ("/home/ada/x.png", None), ("/mnt/disk/x", None)],
)
def test_linux_paths_are_translated(linux: str, windows: str | None) -> None:
    assert to_windows_path(Path(linux)) == windows


def test_a_windows_path_that_is_typed_means_windows_only_under_wsl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluxctl.pictures.places.kernel_text", lambda: "")
    assert typed_path(r"C:\Users\Ada\x.png", a_user(tmp_path, WSL_DISTRO_NAME="Ubuntu")) == Path("/mnt/c/Users/Ada/x.png")
    assert typed_path(r"C:\Users", a_user(tmp_path)) == tmp_path / r"C:\Users"


def test_powershells_answer_is_read_whatever_it_adds() -> None:
    expected = Path("/mnt/c/Users/Zoë/OneDrive/Bilder")
    assert from_answer("C:\\Users\\Zoë\\OneDrive\\Bilder\r\n") == expected
    assert from_answer("\ufeffA notice\r\n\r\nC:\\Users\\Zoë\\OneDrive\\Bilder\r\n\r\n") == expected
    assert from_answer("") is None
    assert from_answer("\r\n") is None
    assert from_answer("Access denied") is None


def test_without_powershell_the_facts_decide_and_nobody_is_guessed(tmp_path: Path) -> None:
    users = Path("/mnt/c/Users")
    known = ["All Users", "Default", "Default User", "Public", "Ada"]
    assert from_facts("", "root", known) == users / "Ada" / "Pictures"
    assert from_facts(r"C:\Users\Bob", "root", known) == users / "Bob" / "Pictures"
    assert from_facts("/mnt/c/Users/Bob", "root", known) == users / "Bob" / "Pictures"
    assert from_facts("", "bob", [*known, "Bob"]) == users / "Bob" / "Pictures"
    assert from_facts("", "root", [*known, "Bob"]) is None
    assert from_facts("", "root", []) is None


@pytest.fixture
def wsl(tmp_path: Path) -> Environment:
    """A user under WSL whose PowerShell answers and counts how often it was asked."""
    pictures = tmp_path / "win" / "Pictures"
    pictures.mkdir(parents=True)
    program(tmp_path / "bin", "powershell.exe", f"echo asked >> {tmp_path}/asked\nprintf 'C:\\\\Users\\\\Ada\\\\Pictures\\r\\n'")
    return a_user(tmp_path, PATH=f"{tmp_path}/bin{os.pathsep}/bin{os.pathsep}/usr/bin", WSL_DISTRO_NAME="Ubuntu")


def asked(folder: Path) -> int:
    return len((folder / "asked").read_text().splitlines()) if (folder / "asked").exists() else 0


def test_windows_is_asked_once_and_its_answer_remembered(wsl: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluxctl.pictures.windows_folder.to_linux_path", lambda text: tmp_path / "win" / "Pictures")
    found = [windows_pictures(wsl) for _ in range(3)]
    assert found == [tmp_path / "win" / "Pictures"] * 3
    assert asked(tmp_path) == 1


def test_a_remembered_folder_that_is_gone_is_looked_up_anew(wsl: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluxctl.pictures.windows_folder.to_linux_path", lambda text: tmp_path / "win" / "Pictures")
    memory = wsl.paths.cache / "windows_pictures.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(json.dumps({"folder": "/nowhere/at/all", "asked_at": NOON}))
    assert windows_pictures(wsl) == tmp_path / "win" / "Pictures"
    memory.write_text("{broken")
    assert windows_pictures(wsl) == tmp_path / "win" / "Pictures"
    assert asked(tmp_path) == 2


def test_not_found_is_remembered_for_a_day(tmp_path: Path) -> None:
    program(tmp_path / "bin", "powershell.exe", f"echo asked >> {tmp_path}/asked\nexit 1")
    clock = [NOON]
    user = a_user(tmp_path, PATH=f"{tmp_path}/bin:/bin:/usr/bin", WSL_DISTRO_NAME="Ubuntu")
    user.now = lambda: clock[0]
    for _ in range(2):
        assert windows_pictures(user, tmp_path / "no-users") is None
    assert asked(tmp_path) == 1
    clock[0] += NOT_FOUND_HOLDS_SECONDS + 1
    assert windows_pictures(user, tmp_path / "no-users") is None
    assert asked(tmp_path) == 2


def test_a_powershell_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluxctl.pictures.windows_folder.LIMIT_SECONDS", 0.2)
    program(tmp_path / "bin", "powershell.exe", "exec sleep 30")
    users = tmp_path / "Users"
    (users / "Ada" / "Pictures").mkdir(parents=True)
    (users / "Public").mkdir()
    user = a_user(tmp_path, PATH=f"{tmp_path}/bin:/bin:/usr/bin", WSL_DISTRO_NAME="Ubuntu")
    assert windows_pictures(user, users) == users / "Ada" / "Pictures"


def test_under_wsl_pictures_go_to_the_windows_user_or_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = a_user(tmp_path, FLUXCTL_HOME="", WSL_DISTRO_NAME="Ubuntu")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("fluxctl.pictures.windows_folder.windows_pictures", lambda environment: Path("/mnt/c/Users/Ada/Pictures"))
    assert default_folder(user) == Path("/mnt/c/Users/Ada/Pictures/FLUX")
    monkeypatch.setattr("fluxctl.pictures.windows_folder.windows_pictures", lambda environment: None)
    assert default_folder(user) == user.home / "Pictures" / "FLUX"
