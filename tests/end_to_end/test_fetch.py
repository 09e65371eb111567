"""`fluxctl fetch` and `down` when something is in the way of one job, or what was known of it is lost."""

import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
from tests.support.shell import Shell, wait_until

JOB = ("--steps", "400", "--count", "2")
"""A job of some seconds on the tiny model."""


def leave(shell: Shell, seed: int, *words: str) -> str:
    """Put a job, kill the command that follows it, and return the job's id."""
    before = {job["id"] for job in jobs(shell)}
    command = shell.start("gen", "a red circle", *JOB, "--seed", str(seed), *words)
    wait_until(lambda: any(job["id"] not in before and state(job) in ("running", "queued") for job in jobs(shell)))
    command.kill()
    command.communicate()
    return next(job["id"] for job in jobs(shell) if job["id"] not in before)


def jobs(shell: Shell) -> list[dict[str, str]]:
    return shell.type("jobs", "--json").document["jobs"]


def state(job: dict[str, str]) -> str:
    """What the worker says of a job, where it is asked; else the ledger."""
    return job["worker_state"] or job["state"]


def wait_for(shell: Shell, wanted: str, count: int = 1) -> None:
    wait_until(lambda: [state(job) for job in jobs(shell)].count(wanted) >= count)


def in_ledger(shell: Shell, statement: str, *values: str) -> None:
    connection = sqlite3.connect(shell.home / "state" / "ledger.db")
    with connection:
        connection.execute(statement, values)
    connection.close()


def block(folder: Path) -> None:
    """Put a file in the place of a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("in the way")


def test_down_ends_although_a_picture_cannot_be_saved_and_fetch_out_brings_it_elsewhere(own_shell: Shell) -> None:
    gallery, elsewhere = own_shell.work / "gallery", own_shell.work / "elsewhere"
    job = leave(own_shell, 7, "--out", f"{gallery}/")
    wait_for(own_shell, "done")
    block(gallery)
    down = own_shell.type("down")
    assert down.code == 0, down.err
    assert "warning" in down.err and "stays on the worker" in down.err
    assert own_shell.worker_process() is None

    refused = own_shell.type("fetch", "--json")
    assert refused.code == 9, refused.err
    assert f"fluxctl fetch {job[:8]} --out FOLDER" in refused.document["error"]["hint"]

    fetched = own_shell.type("fetch", "--out", str(elsewhere))
    assert fetched.code == 0, fetched.err
    assert len(list(elsewhere.iterdir())) == 2
    assert "nothing to fetch" in own_shell.type("fetch").err


def test_what_is_wrong_with_one_job_stops_no_other(own_shell: Shell) -> None:
    gallery = own_shell.work / "gallery"
    leave(own_shell, 7, "--out", f"{gallery}/")
    damaged = leave(own_shell, 8)
    in_ledger(own_shell, 'UPDATE jobs SET "order" = ? WHERE id = ?', "{", damaged)
    leave(own_shell, 9)
    block(gallery)
    fetched = own_shell.type("fetch", "--json")
    assert fetched.code == 9, fetched.err
    assert fetched.document["error"]["code"] == "not_saved"
    assert len(own_shell.pictures) == 4
    assert sorted(job["state"] for job in jobs(own_shell)) == ["done", "done", "open"]
    gallery.unlink()
    assert own_shell.type("fetch").code == 0
    assert len(list(gallery.iterdir())) == 2


def test_a_job_that_nobody_can_read_any_more_is_given_up_and_said_once(own_shell: Shell) -> None:
    own_shell.type("gen", "a red circle", "--seed", "1")
    columns = 'id, provider, pod_id, model, "order", state, created_at, picture_count'
    in_ledger(own_shell, f"INSERT INTO jobs ({columns}) VALUES (?, 'local', 'x', 'tiny', '[]', 'open', 1.0, 1)", "d" * 32)  # noqa: S608
    first = own_shell.type("fetch", "--json")
    assert (first.code, first.document["error"]["code"]) == (2, "damaged_order")
    assert own_shell.type("fetch").code == 0


@pytest.mark.parametrize("runs", [True, False])
def test_a_lost_ledger_strands_no_picture(own_shell: Shell, runs: bool) -> None:
    own_shell.type("gen", "a red circle", "--seed", "1")
    leave(own_shell, 7, "--out", f"{own_shell.work}/gallery/")
    wait_for(own_shell, "done", 2)
    if not runs:
        worker = own_shell.worker_process()
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: own_shell.worker_process() is None)
    for file in (own_shell.home / "state").glob("ledger.db*"):
        file.unlink()
    before = len(own_shell.pictures)
    fetched = own_shell.type("fetch", "--json")
    assert fetched.code == 0, fetched.err
    assert "ledger has lost" in fetched.err
    assert sorted(picture["seed"] for picture in fetched.document["pictures"]) == [7, 8]
    assert len(own_shell.pictures) == before + 2
    assert own_shell.type("fetch", "--json").document["pictures"] == []


def test_a_job_that_was_cancelled_is_no_failure_of_fetch(own_shell: Shell) -> None:
    from fluxctl.environment import Environment
    from fluxctl.providers.local import LocalProvider

    job = leave(own_shell, 7)
    provider = LocalProvider(Environment(variables=own_shell.variables, working_folder=own_shell.work))
    pod = provider.find()
    assert pod is not None
    client = provider.connect(pod)
    client.cancel(job)
    client.close()
    fetched = own_shell.type("fetch")
    assert fetched.code == 0, fetched.err
    assert "was cancelled" in fetched.err


def test_ctrl_c_during_fetch_says_that_the_jobs_go_on_and_what_stops_them(own_shell: Shell) -> None:
    leave(own_shell, 7, "--count", "30")
    command = own_shell.start("fetch")
    wait_until(lambda: len(own_shell.pictures) >= 1)
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "go on" in err and "fluxctl fetch" in err and "fluxctl down" in err


def test_a_worker_that_dies_during_a_job_is_a_failed_generation(own_shell: Shell) -> None:
    command = own_shell.start("gen", "a red circle", *JOB)
    wait_for(own_shell, "running")
    worker = own_shell.worker_process()
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    _, err = command.communicate(timeout=60)
    assert command.returncode == 7, err
    assert "fluxctl fetch" in err


@pytest.mark.parametrize("file", ["config/config.yaml", "work/config.env"])
def test_wrong_settings_keep_nobody_from_ending_the_worker(own_shell: Shell, file: str) -> None:
    assert own_shell.type("up").code == 0
    (own_shell.home / file).write_text("this: [is no\nsettings file")
    status = own_shell.type("status")
    assert status.code == 0 and "are not used here" in status.err
    down = own_shell.type("down")
    assert down.code == 0, down.err
    assert "are not used here" in down.err and "ended" in down.err
    assert own_shell.worker_process() is None
