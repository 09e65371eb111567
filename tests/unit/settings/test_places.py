"""Which files are looked at, and which places are unfit."""

from pathlib import Path

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.settings import packaged, places
from fluxctl.settings.packaged import packaged_file, prompt_file
from fluxctl.settings.places import settings_files
from fluxctl.windows import on_windows_drive

LINUX = [("/", "ext4 rw")]
WSL = [*LINUX, ("/mnt/c", "9p rw,aname=drvfs;path=C:\\;uid=1000"), ("/mnt/wsl", "tmpfs rw")]


@pytest.mark.parametrize(
    ("path", "mounted", "expected"),
    [
        ("/mnt/c/Users/ada/fluxctl", WSL, True),
        ("/mnt/c", WSL, True),
        ("/mnt/c/Users/ada", LINUX, True),
        ("/mnt/c/Users/ada", [], True),
        ("/mnt/d/data", [*LINUX, ("/mnt/d", "ext4 rw")], False),
        ("/c/Users/ada", [*LINUX, ("/c", "9p rw,aname=drvfs")], True),
        ("/windows/x", [*LINUX, ("/windows", "drvfs rw")], True),
        ("/mnt/wsl/x", WSL, False),
        ("/mnt/cache/x", WSL, False),
        ("/home/ada/.config/fluxctl", WSL, False),
        ("/home/ada", [("/", "9p rw,trans=fd")], False),
    ],
)
def test_a_windows_drive_is_known_by_its_mount_or_its_name(path, mounted, expected):
    assert on_windows_drive(Path(path), mounted) is expected


def test_a_home_on_a_windows_drive_is_refused_with_where_to_go(world):
    world.variables["FLUXCTL_HOME"] = "/mnt/c/Users/ada/fluxctl"
    error = world.refusal()
    assert error.code == "windows_drive" and "/mnt/c/Users/ada/fluxctl/config" in error.message
    assert "FLUXCTL_HOME=" in error.hint


def test_a_link_to_a_windows_drive_is_one(world):
    world.config.rmdir()
    world.config.symlink_to("/mnt/c/Users/ada/fluxctl")
    assert world.refusal().code == "windows_drive"


def test_pictures_may_lie_on_a_windows_drive(world):
    world.variables["FLUXCTL_PICTURES__FOLDER"] = "/mnt/c/Users/ada/Pictures/FLUX"
    assert world.load().values.pictures.folder == "/mnt/c/Users/ada/Pictures/FLUX"


def test_a_config_env_on_a_windows_drive_is_told_to_move_since_chmod_does_nothing_there(world, monkeypatch):
    monkeypatch.setattr(places, "mounts", lambda: [("/", "ext4"), (str(world.work), "9p aname=drvfs")])
    world.write_env("HF_TOKEN=a\n", world.work, 0o644)
    assert world.refusal().hint.startswith("mv ")


def test_this_computers_mounts_can_be_read():
    assert all(folder.startswith("/") for folder, _ in places.mounts())


def test_the_files_are_those_of_the_design_lowest_first(world):
    home = world.config
    assert [str(file.path) for file in settings_files(world.environment)] == [
        str(packaged_file("config_defaults.yaml")),
        str(home / "config.yaml"),
        str(home / "config.env"),
        str(world.work / "config.env"),
    ]


def test_without_a_home_the_platform_says_where(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    files = settings_files(Environment(variables={}, working_folder=tmp_path))
    assert files[1].path.name == "config.yaml" and files[1].path.parent.name == "fluxctl"


def test_in_a_wheel_the_packaged_files_lie_inside_the_package(tmp_path, monkeypatch):
    (tmp_path / "data" / "prompts").mkdir(parents=True)
    (tmp_path / "data" / "config_defaults.yaml").touch()
    monkeypatch.setattr(packaged, "_PACKAGE", tmp_path)
    assert packaged_file("config_defaults.yaml") == tmp_path / "data" / "config_defaults.yaml"


def test_the_users_own_prompt_file_goes_before_the_packaged_one(world):
    packaged_one = prompt_file(world.config, "claude_system.txt")
    assert packaged_one == packaged_file("prompts/claude_system.txt") and packaged_one.is_file()
    own = world.config / "prompts" / "claude_system.txt"
    own.parent.mkdir()
    own.write_text("mine")
    assert prompt_file(world.config, "claude_system.txt") == own


def test_a_prompt_file_that_is_nowhere_is_an_error_that_names_both_places(world):
    with pytest.raises(SettingsError, match=r"nothing\.txt: looked for .*config/prompts/nothing\.txt and "):
        prompt_file(world.config, "nothing.txt")
