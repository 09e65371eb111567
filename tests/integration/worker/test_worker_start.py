"""How a worker starts, and how it says that it cannot."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.worker_process import WorkerProcess, contract_for, new_id, recipe, short_folder, started_worker

from fluxpod import pod_contract
from fluxpod.worker_exit import EXIT_ALREADY_RUNNING, EXIT_CONTRACT, EXIT_SOCKET


def test_a_second_worker_leaves_with_a_clear_line(worker: WorkerProcess, tmp_path: Path) -> None:
    second = WorkerProcess(worker.contract)
    before = len(worker.log)
    assert second.start(wait_for=()).wait() == EXIT_ALREADY_RUNNING
    said = worker.log[before:]
    assert worker.process
    assert f"another worker is running: process {worker.process.pid} holds" in said
    assert "Traceback" not in said
    assert worker.contract.paths.worker_lock.read_text().strip() == str(worker.process.pid)
    assert worker.phase() == "ready"


def test_only_this_user_can_reach_the_socket_and_the_files(worker: WorkerProcess) -> None:
    assert stat.S_IMODE(worker.contract.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(worker.contract.socket.parent.stat().st_mode) == 0o700
    worker.made(recipe(worker.contract.model_source))
    for path in worker.contract.paths.jobs.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_it_answers_before_it_is_ready_can_be_ended_then_and_replaces_a_stale_socket(tiny: Path, tmp_path: Path) -> None:
    with short_folder() as folder, started_worker(contract_for(tmp_path, folder / "s", str(tiny)), ("booting",)) as worker:
        assert worker.terminate() == 0
        worker.start(wait_for=("booting",)).kill()
        assert worker.contract.socket.exists()
        worker.start(wait_for=("booting", "loading"))
        job_id = new_id()
        assert worker.put(job_id, recipe(str(tiny)))["state"] == "queued"
        assert worker.ended(job_id)["state"] == "done"


@pytest.mark.parametrize(("index", "said"), [(None, "holds no diffusers model"), ("{", "cannot be loaded")])
def test_a_model_that_cannot_be_loaded_is_said_and_its_jobs_fail(tmp_path: Path, index: str | None, said: str) -> None:
    model = tmp_path / "model"
    model.mkdir()
    if index:
        (model / "model_index.json").write_text(index)
    with short_folder() as folder, started_worker(contract_for(tmp_path, folder / "s", str(model)), ("failed",)) as worker:
        health = worker.get("health").json()
        assert said in health["detail"]
        assert health["plan"] is None
        job_id = new_id()
        worker.put(job_id, recipe(str(model)))
        status = worker.ended(job_id)
        assert status["state"] == "failed"
        assert said in status["error"]["message"]
        assert "Traceback" in worker.log
        assert worker.phase() == "failed"
        assert worker.terminate() == 0


def test_a_contract_that_lacks_something_is_refused_by_its_name(tiny: Path, tmp_path: Path) -> None:
    with short_folder() as folder:
        worker = WorkerProcess(contract_for(tmp_path, folder / "s", str(tiny)), variables={pod_contract.WORKER_TOKEN: ""})
        assert worker.start(wait_for=()).wait() == EXIT_CONTRACT
        assert "FLUXPOD_WORKER_TOKEN is not set" in worker.log
        assert "Traceback" not in worker.log


def test_a_socket_in_a_folder_that_is_open_to_others_is_refused(tiny: Path, tmp_path: Path) -> None:
    with short_folder() as folder:
        folder.chmod(0o755)
        worker = WorkerProcess(contract_for(tmp_path, folder / "s", str(tiny)))
        assert worker.start(wait_for=()).wait() == EXIT_SOCKET
        assert f"chmod 700 {folder}" in worker.log


def test_what_is_not_a_socket_is_not_replaced(tiny: Path, tmp_path: Path) -> None:
    with short_folder() as folder:
        (folder / "s").write_text("precious")
        worker = WorkerProcess(replace(contract_for(tmp_path, folder / "s", str(tiny))))
        assert worker.start(wait_for=()).wait() == EXIT_SOCKET
        assert (folder / "s").read_text() == "precious"
