"""Saving one picture, and what happens when that fails."""

import errno
import os
import time
from pathlib import Path

import pytest
from tests.support.pictures import A_PLAN, JOB_ID, NOON, a_recipe, save, some_work

from fluxctl.environment import Environment
from fluxctl.errors import ExitCode, NotSavedError
from fluxctl.pictures.destination import Destination, destination_for
from fluxctl.pictures.encode import DamagedPictureError
from fluxctl.pictures.save import save_picture


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_pictures_get_the_next_number_of_the_day(environment: Environment, tmp_path: Path) -> None:
    for _ in range(2):
        destination = destination_for(None, None, 2, tmp_path / "FLUX", environment)
        save(a_recipe("A Fox", seed=1), destination, environment)
        saved = save(a_recipe("a fox", seed=2), destination, environment)
    day = time.strftime("%Y-%m-%d", time.localtime(NOON))
    assert saved.path.parent == tmp_path / "FLUX" / day
    assert names(tmp_path / "FLUX") == ["0001_a-fox_1.png", "0002_a-fox_2.png", "0003_a-fox_1.png", "0004_a-fox_2.png"]
    assert saved.created_at == NOON
    assert saved.file_bytes == saved.path.stat().st_size


def test_a_number_that_another_command_took_is_not_written_over(environment: Environment, tmp_path: Path) -> None:
    first, second = Destination(tmp_path), Destination(tmp_path)
    save(a_recipe(), first, environment)
    save(a_recipe(), second, environment)
    save(a_recipe(), first, environment)
    assert [name[:4] for name in names(tmp_path)] == ["0001", "0002", "0003"]


@pytest.mark.parametrize("spoil", [lambda png: png[:-40], lambda png: b"", lambda png: b"<html>", lambda png: png[:60] + b"\0" + png[61:]])
def test_a_picture_that_did_not_arrive_whole_is_not_saved(environment: Environment, tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    work = some_work()
    with pytest.raises(DamagedPictureError) as caught:
        save_picture(
            spoil(work.png),
            work.sha256,
            recipe=a_recipe(),
            plan=A_PLAN,
            destination=Destination(tmp_path / "x"),
            environment=environment,
            job_id=JOB_ID,
        )
    assert caught.value.exit_code == ExitCode.NOT_SAVED
    assert caught.value.hint == "fluxctl fetch abababab"
    assert not (tmp_path / "x").exists()


def test_other_pixels_than_those_that_were_made_are_not_saved(environment: Environment, tmp_path: Path) -> None:
    with pytest.raises(DamagedPictureError, match="not the one that was made"):
        save_picture(
            some_work().png, "0" * 64, recipe=a_recipe(), plan=A_PLAN, destination=Destination(tmp_path / "x"), environment=environment
        )
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("code", "remedy"), [(errno.ENOSPC, "make room"), (errno.EDQUOT, "quota"), (errno.EROFS, "writable")])
def test_a_failed_save_says_why_and_how_to_get_the_picture(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, remedy: str
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(NotSavedError) as caught:
        save(a_recipe(), Destination(tmp_path / "x"), environment)
    assert os.strerror(code) in caught.value.message
    assert "stays on the worker" in caught.value.message
    assert remedy in caught.value.hint
    assert caught.value.hint.endswith("fluxctl fetch abababab")
    assert names(tmp_path / "x") == []


def test_a_folder_that_went_away_meanwhile_is_made_again(environment: Environment, tmp_path: Path) -> None:
    destination = Destination(tmp_path / "gone" / "deep")
    assert save(a_recipe(), destination, environment).path.exists()


def test_a_file_that_came_in_the_way_is_an_error_and_stays(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"mine")
    with pytest.raises(NotSavedError):
        save(a_recipe(), Destination(tmp_path / "x"), environment)
    assert (tmp_path / "x").read_bytes() == b"mine"
