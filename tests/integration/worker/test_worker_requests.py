"""What the worker answers, and what it refuses: one real process, shared."""

import hashlib
import io
from typing import Any

import pytest
from PIL import Image
from tests.support.worker_process import WorkerProcess, new_id, recipe

from fluxpod.protocol import Health, Idle, JobStatus, pixels_sha256, source_hash


@pytest.fixture
def body(worker: WorkerProcess) -> dict[str, Any]:
    """A small recipe for the worker's model."""
    return recipe(worker.contract.model_source)


@pytest.mark.parametrize("token", ["", "wrong", "a-token-for-test", "a-token-for-tests2"])
@pytest.mark.parametrize("path", ["health", "idle", "jobs", "no/such/route"])
def test_every_route_refuses_a_missing_or_wrong_token(worker: WorkerProcess, token: str, path: str) -> None:
    with worker.client(token) as client:
        reply = client.get(f"/v1/{path}")
    assert reply.status_code == 401
    assert reply.json()["code"] == "unauthorized"


def test_health_says_what_is_loaded_and_how_it_runs(worker: WorkerProcess) -> None:
    health = Health.model_validate(worker.get("health").json())
    assert (health.phase, health.model, health.pod_id) == ("ready", "tiny", "pod-1")
    assert health.source_hash == source_hash()
    assert health.plan
    assert health.plan.precision == "float32"
    assert health.plan.device.startswith("cpu ")
    assert set(health.plan.versions) == {"torch", "diffusers", "transformers"}


def test_a_job_gives_pictures_that_are_what_their_hashes_say(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "width": 80, "seeds": [1, 2]})
    status = JobStatus.model_validate(worker.ended(job_id))
    assert [(picture.index, picture.seed) for picture in status.pictures] == [(0, 1), (1, 2)]
    for picture in status.pictures:
        png = worker.get(f"jobs/{job_id}/pictures/{picture.index}").content
        image = Image.open(io.BytesIO(png))
        assert (image.size, image.mode, len(png)) == ((80, 64), "RGB", picture.file_bytes)
        assert pixels_sha256(80, 64, image.tobytes()) == picture.sha256
        assert hashlib.sha256(png).hexdigest() == picture.file_sha256


def test_putting_the_same_job_again_joins_it(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    with worker.client() as client:
        assert client.put(f"/v1/jobs/{job_id}", json=body).status_code == 201
        uses = client.get("/v1/idle").json()["activity_seen"]
        assert client.put(f"/v1/jobs/{job_id}", json={**body, "revision": None, "guidance": 3.50}).status_code == 200
        assert client.get("/v1/idle").json()["activity_seen"] == uses
    assert worker.ended(job_id)["attempt"] == 1
    assert worker.put(job_id, body)["state"] == "done"


def test_another_recipe_under_the_same_id_is_refused(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, body)
    for _ in ("while it runs or waits", "after its end"):
        reply = worker.request("PUT", f"jobs/{job_id}", json={**body, "guidance": 3.0})
        assert (reply.status_code, reply.json()["code"]) == (409, "other_recipe")
        worker.ended(job_id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": 10**6}, "steps"),
        ({"width": 100}, "width"),
        ({"height": 32}, "height"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [1, 2**63]}, "seeds.1"),
        ({"seeds": [-1]}, "seeds.0"),
        ({"guidance": -1}, "guidance"),
        ({"maximum_sequence_length": 513}, "maximum_sequence_length"),
        ({"prompt": None}, "prompt"),
        ({"sharpness": 1}, "sharpness"),
    ],
)
def test_a_malformed_recipe_is_refused_by_the_name_of_its_field(
    worker: WorkerProcess, body: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    reply = worker.request("PUT", f"jobs/{new_id()}", json={**body, **change})
    assert reply.status_code == 422
    assert reply.json()["code"] == "invalid_request"
    assert reply.json()["message"].startswith(f"{field}: ")


@pytest.mark.parametrize("job_id", ["x", "A" * 32, "0" * 31, "0" * 33, "..%2f" + "0" * 27])
def test_a_malformed_job_id_is_refused(worker: WorkerProcess, body: dict[str, Any], job_id: str) -> None:
    reply = worker.request("PUT", f"jobs/{job_id}", json=body)
    assert reply.status_code in (404, 422)
    assert reply.json()["message"]
    if reply.status_code == 422:
        assert reply.json()["message"].startswith("job_id: ")


def test_what_is_not_json_is_refused(worker: WorkerProcess) -> None:
    reply = worker.request("PUT", f"jobs/{new_id()}", content=b"{", headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/events"), ("GET", "/pictures/0"), ("DELETE", ""), ("POST", "/ack")])
def test_an_unknown_job_is_not_found(worker: WorkerProcess, method: str, path: str) -> None:
    reply = worker.request(method, f"jobs/{new_id()}{path}")
    assert (reply.status_code, reply.json()["code"]) == (404, "unknown_job")


def test_a_picture_can_be_fetched_in_pieces_and_is_not_sent_twice(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, body)
    result = worker.ended(job_id)["pictures"][0]
    path = f"jobs/{job_id}/pictures/0"
    whole = worker.get(path)
    assert whole.headers["etag"] == f'"{result["file_sha256"]}"'
    assert whole.headers["content-type"] == "image/png"
    rest = worker.get(path, headers={"Range": "bytes=100-", "If-Range": whole.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    other = worker.get(path, headers={"Range": "bytes=100-", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, whole.content)
    assert worker.get(path, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert worker.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert worker.get(f"jobs/{job_id}/pictures/1").json()["code"] == "no_such_picture"


def test_an_acknowledged_job_lets_its_pictures_go_and_is_still_known(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, body)
    made = worker.ended(job_id)
    assert worker.post(f"jobs/{job_id}/ack").json()["acknowledged"]
    assert worker.post(f"jobs/{job_id}/ack").json()["acknowledged"]
    gone = worker.get(f"jobs/{job_id}/pictures/0")
    assert (gone.status_code, gone.json()["code"]) == (410, "picture_gone")
    again = worker.put(job_id, body)
    assert (again["state"], again["acknowledged"], again["pictures"]) == ("done", True, made["pictures"])
    assert not list(worker.contract.paths.jobs.glob(f"pictures/{job_id}"))


def test_an_unfinished_job_cannot_be_acknowledged(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 1000})
    reply = worker.post(f"jobs/{job_id}/ack")
    assert (reply.status_code, reply.json()["code"]) == (409, "not_ended")
    worker.request("DELETE", f"jobs/{job_id}")
    assert worker.ended(job_id)["state"] == "cancelled"


def test_the_list_is_newest_first_and_can_be_narrowed(worker: WorkerProcess, body: dict[str, Any]) -> None:
    ids = [new_id() for _ in range(3)]
    for job_id in ids:
        worker.put(job_id, body)
        worker.ended(job_id)
    running, waiting = new_id(), new_id()
    worker.put(running, {**body, "steps": 1000})
    worker.put(waiting, body)
    assert worker.job(waiting)["position"] == 1
    worker.request("DELETE", f"jobs/{waiting}")
    assert [job["id"] for job in worker.get("jobs?limit=2").json()["jobs"]] == [running, waiting]
    assert [job["id"] for job in worker.get("jobs?limit=3&state=done").json()["jobs"]] == ids[::-1]
    narrowed = worker.get("jobs?limit=5&state=cancelled&state=running").json()["jobs"]
    assert [job["id"] for job in narrowed][:2] == [running, waiting]
    worker.request("DELETE", f"jobs/{running}")
    assert worker.ended(running)["state"] == "cancelled"
    assert worker.get("jobs?limit=0").json()["message"].startswith("limit: ")
    assert worker.get("jobs?state=odd").json()["message"].startswith("state")


def test_only_a_new_job_and_keep_count_as_use(worker: WorkerProcess, body: dict[str, Any]) -> None:
    before = Idle.model_validate(worker.get("idle").json())
    for path in ("health", "idle", "jobs"):
        worker.get(path)
    assert Idle.model_validate(worker.get("idle").json()) == before
    job_id = new_id()
    worker.put(job_id, body)
    worker.ended(job_id)
    worker.get(f"jobs/{job_id}/pictures/0")
    worker.post(f"jobs/{job_id}/ack")
    after = Idle.model_validate(worker.get("idle").json())
    assert after.activity_seen == before.activity_seen + 1
    assert after.progress > before.progress
    assert not after.busy
    kept = Idle.model_validate(worker.post("keep", json={"seconds": 100}).json())
    assert kept.activity_seen == after.activity_seen + 1
    assert 90 < kept.keep_seconds_left <= 100
    assert Idle.model_validate(worker.post("keep", json={"seconds": 5}).json()).keep_seconds_left > 90
    assert worker.post("keep", json={"seconds": 14401}).json()["message"].startswith("seconds: ")


def test_a_drain_that_comes_too_late_is_refused(worker: WorkerProcess) -> None:
    seen = worker.get("idle").json()["activity_seen"]
    worker.post("keep", json={"seconds": 1})
    reply = worker.post("drain", json={"activity_seen": seen})
    assert (reply.status_code, reply.json()["code"]) == (409, "in_use")
    assert worker.get("health").json()["phase"] == "ready"


def test_neither_prompt_nor_token_is_in_the_log(worker: WorkerProcess, body: dict[str, Any]) -> None:
    secret = "zanzibar " * 100
    worker.made({**body, "prompt": secret})
    worker.request("PUT", f"jobs/{new_id()}", json={**body, "prompt": secret, "steps": 0})
    assert "zanzibar" not in worker.log
    assert worker.contract.worker_token not in worker.log
