"""A worker that is killed, ended or drained in the middle of a job loses nothing."""

import json
import resource
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.worker_process import WorkerProcess, contract_for, new_id, recipe, short_folder, started_worker

SEEDS = [11, 12, 13]
LARGEST_FILE_BYTES = 20_000
"""A picture of 64x64 fits, one of 256x256 does not."""


@pytest.fixture(scope="module")
def process(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """A worker with a short queue, which tests kill and start again."""
    with short_folder() as folder:
        contract = contract_for(tmp_path_factory.mktemp("pod"), folder / "s", str(tiny), queue_limit=3)
        with started_worker(contract) as running:
            yield running


@pytest.fixture
def worker(process: WorkerProcess) -> WorkerProcess:
    """The worker, alive and ready whatever the test before did to it."""
    return process if process.is_alive and process.phase() == "ready" else process.start()


@pytest.fixture(scope="module")
def body(tiny: Path) -> dict[str, Any]:
    """A recipe of three pictures of about a second each."""
    return recipe(str(tiny), steps=150, seeds=SEEDS)


@pytest.fixture(scope="module")
def expected(process: WorkerProcess, body: dict[str, Any]) -> list[str]:
    """The hashes that the recipe gives when nothing goes wrong."""
    return process.made(body)


def _begin(worker: WorkerProcess, body: dict[str, Any]) -> str:
    """Put the job and wait until its first picture is there and the second is being made."""
    job_id = new_id()
    worker.put(job_id, body)
    worker.events(job_id, until="picture")
    return job_id


def _hashes(status: dict[str, Any]) -> list[str]:
    return [picture["sha256"] for picture in status["pictures"]]


def test_a_killed_worker_goes_on_where_it_was_and_its_readers_too(worker: WorkerProcess, body: dict[str, Any], expected: list[str]) -> None:
    first = new_id()
    worker.put(first, body)
    seen = worker.events(first, until="picture")
    waiting = [new_id(), new_id()]
    for number, job_id in enumerate(waiting):
        worker.put(job_id, {**body, "steps": 2, "seeds": [number]})
    worker.kill()
    kept = worker.contract.paths.jobs / "pictures" / first / "0.png"
    written = kept.stat().st_mtime_ns

    worker.start()
    rest = worker.events(first, seen[-1][0])
    assert [event["picture"]["index"] for _, event in rest if event["type"] == "picture"] == [1, 2]
    assert [event["attempt"] for _, event in rest if event["type"] == "started"] == [2]
    assert rest[-1][1]["type"] == "done"
    status = worker.ended(first)
    assert (status["state"], status["attempt"], _hashes(status)) == ("done", 2, expected)
    assert kept.stat().st_mtime_ns == written
    later = [worker.ended(job_id) for job_id in waiting]
    assert [job["state"] for job in later] == ["done", "done"]
    assert status["finished_at"] <= later[0]["started_at"] < later[1]["started_at"]


def test_sigterm_ends_it_in_time_with_an_open_stream_and_leaves_the_job_queued(
    worker: WorkerProcess, body: dict[str, Any], expected: list[str]
) -> None:
    job_id = _begin(worker, body)
    with worker.client() as client, client.stream("GET", f"/v1/jobs/{job_id}/events"):
        begun = time.monotonic()
        assert worker.terminate() == 0
        assert time.monotonic() - begun < 5
    record = json.loads((worker.contract.paths.jobs / "open" / f"{job_id}.json").read_bytes())
    assert record["status"]["state"] == "queued"
    assert not worker.contract.socket.exists()
    worker.start()
    assert _hashes(worker.ended(job_id)) == expected


def test_a_draining_worker_finishes_its_picture_and_takes_nothing_new(
    worker: WorkerProcess, body: dict[str, Any], expected: list[str]
) -> None:
    job_id = _begin(worker, body)
    pictures = len(worker.job(job_id)["pictures"])
    seen = worker.get("idle").json()["activity_seen"]
    drained = worker.post("drain", json={"activity_seen": seen})
    assert (drained.status_code, drained.json()["phase"]) == (200, "draining")
    refused = worker.request("PUT", f"jobs/{new_id()}", json=body)
    assert (refused.status_code, refused.json()["code"]) == (503, "draining")
    assert worker.post("keep", json={"seconds": 5}).status_code == 503
    assert worker.put(job_id, body)["id"] == job_id
    worker.wait_until(lambda: not worker.get("idle").json()["busy"], "the picture")
    status = worker.job(job_id)
    assert (status["state"], len(status["pictures"])) == ("queued", pictures + 1)
    assert worker.get("health").json()["phase"] == "draining"
    worker.terminate()
    worker.start()
    assert _hashes(worker.ended(job_id)) == expected


def test_garbage_among_the_records_is_set_aside(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = _begin(worker, body)
    worker.kill()
    folder = worker.contract.paths.jobs
    whole = (folder / "open" / f"{job_id}.json").read_bytes()
    damaged = {"a" * 32: whole[: len(whole) // 2], "b" * 32: b"", "c" * 32: b"\xff\xfe", "d" * 32: b"[1]"}
    for name, content in damaged.items():
        (folder / "open" / f"{name}.json").write_bytes(content)
    (folder / "open" / "notes.txt").write_text("left here by somebody")
    worker.start()
    assert worker.ended(job_id)["state"] == "done"
    for name in damaged:
        assert (folder / "set_aside" / f"{name}.json").exists()
        assert name in worker.log
        assert worker.get(f"jobs/{name}").status_code == 404


def test_another_pods_jobs_are_served_but_run_only_when_put_again(worker: WorkerProcess, body: dict[str, Any], expected: list[str]) -> None:
    done = new_id()
    worker.put(done, {**body, "steps": 2})
    worker.ended(done)
    job_id = _begin(worker, body)
    worker.kill()
    with short_folder() as folder, started_worker(replace(worker.contract, pod_id="pod-2", socket=folder / "s")) as other:
        assert not other.get("idle").json()["busy"]
        status = other.job(job_id)
        assert (status["pod_id"], status["state"]) == ("pod-1", "running")
        assert job_id in [job["id"] for job in other.get("jobs").json()["jobs"]]
        for unfinished in (job_id, done):
            assert other.get(f"jobs/{unfinished}/pictures/0").status_code == 200
        for method, path in (("GET", "/events"), ("DELETE", "")):
            assert other.request(method, f"jobs/{job_id}{path}").json()["code"] == "foreign_job"
        assert other.put(done, {**body, "steps": 2})["state"] == "done"
        assert other.put(job_id, body)["pod_id"] == "pod-2"
        status = other.ended(job_id)
        assert (status["state"], status["attempt"], _hashes(status)) == ("done", 2, expected)


def test_a_full_queue_refuses_and_takes_again(worker: WorkerProcess, body: dict[str, Any]) -> None:
    running, waiting, refused = new_id(), new_id(), new_id()
    worker.put(running, {**body, "steps": 1000})
    worker.wait_until(lambda: worker.job(running)["state"] == "running", "the first to run")
    worker.put(waiting, {**body, "steps": 2})
    reply = worker.request("PUT", f"jobs/{refused}", json=body)
    assert (reply.status_code, reply.json()["code"]) == (429, "queue_full")
    assert worker.put(waiting, {**body, "steps": 2})["state"] == "queued"
    worker.request("DELETE", f"jobs/{waiting}")
    worker.put(refused, {**body, "steps": 2})
    worker.request("DELETE", f"jobs/{running}")
    assert worker.ended(refused)["state"] == "done"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a process that runs already")
def test_a_volume_that_fills_up_fails_the_job_and_nothing_else(worker: WorkerProcess, body: dict[str, Any], expected: list[str]) -> None:
    assert worker.process is not None
    before = resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (LARGEST_FILE_BYTES, before[1]))
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 2, "width": 256, "height": 256})
    status = worker.ended(job_id)
    assert (status["state"], status["error"]["code"], status["pictures"]) == ("failed", "volume_full", [])
    assert not list((worker.contract.paths.jobs / "pictures" / job_id).iterdir())
    assert worker.made(body) == expected
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, before)


def test_results_that_nobody_fetched_are_deleted_in_time(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 2})
    worker.ended(job_id)
    worker.kill()
    with started_worker(replace(worker.contract, keep_results_seconds=0.01), wait_for=("booting", "loading")) as later:
        later.wait_until(lambda: later.get(f"jobs/{job_id}").status_code == 404, "the job to be forgotten")
    assert not list(worker.contract.paths.jobs.glob(f"pictures/{job_id}"))
