"""Where pictures go, and what is refused before any work is done."""

import os
import time
from pathlib import Path

import pytest
from tests.support.pictures import NOON, a_recipe, a_user, save

from fluxctl.environment import Environment
from fluxctl.errors import ExitCode, FluxctlError, NotSavedError, UsageError
from fluxctl.pictures.destination import Destination, destination_for, prepare
from fluxctl.pictures.formats import PictureFormat
from fluxctl.pictures.places import default_folder


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    """A folder in which not even root can make a file, where there is one."""
    if os.geteuid() == 0:
        return Path("/proc/self")
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    return folder


def chosen(environment: Environment, out: str | None = None, *, format_name: str | None = None, count: int = 1) -> Destination:
    return destination_for(out, format_name, count, Path("/default"), environment)


def refused(environment: Environment, out: str, *, format_name: str | None = None, count: int = 1) -> FluxctlError:
    with pytest.raises(FluxctlError) as caught:
        prepare(chosen(environment, out, format_name=format_name, count=count), environment)
    assert caught.value.hint
    return caught.value


def test_by_default_pictures_lie_in_a_folder_for_each_day(environment: Environment) -> None:
    day = time.strftime("%Y-%m-%d", time.localtime(NOON))
    assert chosen(environment).folder_at(NOON) == Path("/default") / day


@pytest.mark.parametrize("out", ["new/", "new", "new/deep", "v1.5", "."])
def test_what_does_not_end_like_a_picture_is_a_folder(environment: Environment, tmp_path: Path, out: str) -> None:
    destination = chosen(environment, out)
    prepare(destination, environment)
    saved = save(a_recipe(), destination, environment)
    assert saved.path == tmp_path / out / "0001_a-lighthouse-in-fog_184467.png"


def test_a_folder_that_is_named_like_a_picture_is_a_folder(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "odd.png").mkdir()
    assert chosen(environment, "odd.png").folder == tmp_path / "odd.png"
    assert chosen(environment, "new.png/").stem is None


@pytest.mark.parametrize(("out", "kind"), [("a.png", "png"), ("a.PNG", "png"), ("a.jpg", "jpeg"), ("a.JPEG", "jpeg"), ("a.b.webp", "webp")])
def test_the_end_of_a_name_chooses_the_format(environment: Environment, tmp_path: Path, out: str, kind: str) -> None:
    destination = chosen(environment, f"deep/er/{out}")
    prepare(destination, environment)
    assert destination.format == kind
    path = save(a_recipe(), destination, environment).path
    assert path == tmp_path / "deep" / "er" / out
    assert PictureFormat.WEBP.suffix == ".webp"


def test_a_format_goes_with_a_folder_and_with_a_name_that_says_the_same(environment: Environment) -> None:
    assert chosen(environment, None, format_name="jpg").suffix == ".jpg"
    assert chosen(environment, "x/", format_name="WEBP").suffix == ".webp"
    assert chosen(environment, "x.jpeg", format_name="jpeg").suffix == ".jpeg"
    assert destination_for(None, None, 1, Path("/d"), environment, configured_format="webp").suffix == ".webp"
    assert destination_for(None, "png", 1, Path("/d"), environment, configured_format="webp").suffix == ".png"


def test_a_name_and_a_format_that_disagree_are_refused(environment: Environment) -> None:
    assert refused(environment, "x.png", format_name="webp").code == "format_conflict"


def test_an_unknown_format_is_refused_and_the_nearest_named(environment: Environment) -> None:
    problem = refused(environment, "x/", format_name="jepg")
    assert (problem.code, problem.exit_code) == ("unknown_format", ExitCode.USAGE)
    assert "jpeg" in problem.message
    assert refused(environment, "x.gif").code == "unknown_format"


@pytest.mark.parametrize("out", ["", "  ", "-", "a\0b"])
def test_what_is_no_place_is_refused(environment: Environment, out: str) -> None:
    with pytest.raises(UsageError):
        chosen(environment, out)


def test_several_pictures_under_one_name_are_numbered(environment: Environment, tmp_path: Path) -> None:
    destination = chosen(environment, "fox.png", count=3)
    prepare(destination, environment)
    names = [save(a_recipe(seed=seed), destination, environment).path.name for seed in (7, 8, 9)]
    assert names == ["fox-1.png", "fox-2.png", "fox-3.png"]


def test_a_name_that_is_taken_is_refused_before_the_work(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(b"mine")
    problem = refused(environment, "fox.png")
    assert (problem.code, problem.exit_code) == ("file_exists", ExitCode.USAGE)
    (tmp_path / "fox-2.png").symlink_to("nowhere")
    assert refused(environment, "fox.png", count=3).code == "file_exists"
    assert (tmp_path / "fox.png").read_bytes() == b"mine"


def test_a_name_that_was_taken_in_the_meantime_gets_a_number(environment: Environment, tmp_path: Path) -> None:
    destination = chosen(environment, "fox.png")
    prepare(destination, environment)
    (tmp_path / "fox.png").write_bytes(b"mine")
    assert save(a_recipe(), destination, environment).path.name == "fox_2.png"
    assert save(a_recipe(), destination, environment).path.name == "fox_3.png"
    assert (tmp_path / "fox.png").read_bytes() == b"mine"


def test_a_fetch_may_find_the_name_taken(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(b"mine")
    prepare(chosen(environment, "fox.png"), environment, refuse_existing=False)


def test_a_file_where_a_folder_should_be_is_refused(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for out in ("file", "file/", "file/deep/", "file/x.png"):
        problem = refused(environment, out)
        assert (problem.code, problem.exit_code) == ("not_a_folder", ExitCode.USAGE)


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(environment: Environment, unwritable: Path) -> None:
    for out in (f"{unwritable}/", f"{unwritable}/x.png", f"{unwritable}/new/"):
        problem = refused(environment, out)
        assert isinstance(problem, NotSavedError)
        assert problem.exit_code == ExitCode.NOT_SAVED
        assert str(unwritable) in problem.message


def test_a_name_that_is_too_long_is_refused(environment: Environment) -> None:
    assert refused(environment, "x" * 300 + ".png").code == "name_too_long"
    assert refused(environment, "x" * 300 + "/").code == "name_too_long"


def test_the_check_leaves_nothing_behind(environment: Environment, tmp_path: Path) -> None:
    prepare(chosen(environment, "new/"), environment)
    assert list((tmp_path / "new").iterdir()) == []


def test_the_default_folder_is_the_setting_then_fluxctls_then_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = a_user(tmp_path)
    assert default_folder(environment, "~/art") == environment.home / "art"
    assert default_folder(environment, "art") == tmp_path / "art"
    assert default_folder(environment) == tmp_path / "fluxctl" / "pictures"
    own = a_user(tmp_path, FLUXCTL_HOME="")
    monkeypatch.setenv("XDG_PICTURES_DIR", str(tmp_path / "Bilder"))
    monkeypatch.setattr("fluxctl.pictures.places.kernel_text", lambda: "Linux version 6.1")
    monkeypatch.setattr("sys.platform", "linux")
    assert default_folder(own) == tmp_path / "Bilder" / "FLUX"
    monkeypatch.setattr("sys.platform", "darwin")
    assert default_folder(own) == own.home / "Pictures" / "FLUX"
