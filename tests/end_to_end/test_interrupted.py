"""What is lost when something dies or is interrupted in the middle of a job: nothing."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from tests.support.shell import Shell, wait_until

LONG = ("--steps", "400", "--count", "3", "--seed", "7")
"""A job of some seconds on the tiny model."""


def _begin(shell: Shell, *words: str) -> "subprocess.Popen[str]":
    """Start a long job, and return when its first picture is being made."""
    command = shell.start("gen", "a red circle", *LONG, *words)
    wait_until(lambda: shell.worker_process() and _running(shell))
    return command


def _running(shell: Shell) -> bool:
    states = [job["worker_state"] for job in shell.type("jobs", "--json").document["jobs"]]
    return "running" in states


def test_a_killed_worker_loses_nothing_and_fetch_brings_the_same_pictures(own_shell: Shell) -> None:
    expected = own_shell.type("gen", "a red circle", *LONG, "--json").document["pictures"]
    command = _begin(own_shell)
    worker = own_shell.worker_process()
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    _, err = command.communicate(timeout=60)
    assert command.returncode in (6, 7), err
    assert "fluxctl fetch" in err
    kept = len(own_shell.pictures)

    fetched = own_shell.type("fetch", "--json")

    assert fetched.code == 0, fetched.err
    assert len(own_shell.pictures) == 6 and 3 <= kept < 6
    hashes = {picture["seed"]: picture["sha256"] for picture in expected}
    assert fetched.document["pictures"]
    for picture in fetched.document["pictures"]:
        assert picture["sha256"] == hashes[picture["seed"]]
    assert own_shell.type("fetch", "--json").document["pictures"] == []


def test_a_laptop_that_went_away_finds_its_pictures_later(own_shell: Shell) -> None:
    command = _begin(own_shell)
    command.kill()
    command.communicate()
    fetched = own_shell.type("fetch", "--json").document
    assert fetched["error"] is None
    assert len(own_shell.pictures) == 3


def test_ctrl_c_cancels_keeps_what_is_finished_and_exits_130(own_shell: Shell) -> None:
    command = _begin(own_shell, "--json")
    wait_until(lambda: len(own_shell.pictures) >= 1)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "kept" in err and "fluxctl down" in err
    assert '"code": "interrupted"' in out
    assert 1 <= len(own_shell.pictures) < 3
    job = own_shell.type("jobs", "--json").document["jobs"][0]
    assert job["state"] == "cancelled" and job["pictures_home"] == len(own_shell.pictures)
    after = own_shell.type("gen", "a red circle", "--seed", "7", "--json")
    assert after.code == 0


def test_what_a_cancelled_job_leaves_never_reaches_the_next_one(own_shell: Shell) -> None:
    before = own_shell.type("gen", "a star", "--seed", "3", "--json").document["pictures"][0]["sha256"]
    command = _begin(own_shell)
    command.send_signal(signal.SIGINT)
    command.communicate(timeout=60)
    after = own_shell.type("gen", "a star", "--seed", "3", "--json").document["pictures"][0]["sha256"]
    assert after == before


def test_down_in_the_middle_of_a_job_keeps_it_for_fetch(own_shell: Shell) -> None:
    command = _begin(own_shell)
    command.kill()
    command.communicate()
    assert own_shell.type("down").code == 0
    assert own_shell.worker_process() is None
    assert own_shell.type("fetch").code == 0
    assert len(own_shell.pictures) == 3


def test_two_fetches_at_once_save_each_picture_once(own_shell: Shell) -> None:
    command = _begin(own_shell)
    command.kill()
    command.communicate()
    both = [own_shell.start("fetch") for _ in range(2)]
    for fetch in both:
        fetch.communicate(timeout=120)
    assert len(own_shell.pictures) == 3


def test_fetch_leaves_a_job_alone_that_is_being_followed(own_shell: Shell) -> None:
    command = _begin(own_shell)
    typed = own_shell.type("fetch")
    assert typed.code == 0 and "another fluxctl" in typed.err
    command.communicate(timeout=60)
    assert command.returncode == 0
    assert len(own_shell.pictures) == 3


def test_two_gen_at_once_start_one_worker(own_shell: Shell) -> None:
    both = [own_shell.start("gen", "a red circle") for _ in range(2)]
    for command in both:
        _, err = command.communicate(timeout=120)
        assert command.returncode == 0, err
    assert len(own_shell.pictures) == 2
    logs = list(own_shell.home.glob("state/pods/*/var/log/fluxpod/worker.log*"))
    starts = sum(log.read_text().count("listens on") for log in logs)
    assert starts == 1, [log.read_text() for log in logs]


@pytest.mark.parametrize("job", ["0" * 32, "zz"])
def test_an_unknown_job_is_named(own_shell: Shell, job: str) -> None:
    typed = own_shell.type("fetch", job, "--json")
    assert typed.code == 2 and typed.document["error"]["code"] == "unknown_job"


def test_a_picture_that_cannot_be_saved_stays_on_the_worker(own_shell: Shell) -> None:
    gallery = own_shell.work / "gallery"
    command = own_shell.start("gen", "a red circle", *LONG, "--out", f"{gallery}/")
    wait_until(gallery.is_dir)
    wait_until(lambda: _running(own_shell))
    gallery.rename(own_shell.work / "moved")
    Path(gallery).write_text("in the way")
    _, err = command.communicate(timeout=60)
    assert command.returncode == 9, err
    assert "stays on the worker" in err and "fluxctl fetch" in err
    gallery.unlink()
    assert own_shell.type("fetch").code == 0
    assert len(list(gallery.iterdir())) + len(list((own_shell.work / "moved").iterdir())) == 3
