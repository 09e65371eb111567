"""The stream of a job's events, and cancelling."""

import threading
from typing import Any

import pytest
from tests.support.worker_process import WorkerProcess, new_id, recipe


@pytest.fixture
def body(worker: WorkerProcess) -> dict[str, Any]:
    """A recipe of two pictures."""
    return recipe(worker.contract.model_source, steps=3, seeds=[1, 2])


def _kinds(events: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [event["type"] for _, event in events]


def test_the_stream_tells_every_step_and_picture_and_ends(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, body)
    events = worker.events(job_id)
    kinds = _kinds(events)
    assert kinds[:2] == ["queued", "started"]
    assert kinds[-1] == "done"
    steps = [(event["index"], event["step"], event["steps"]) for _, event in events if event["type"] == "step"]
    assert steps == [(index, step, 3) for index in (0, 1) for step in (1, 2, 3)]
    assert [event["picture"]["index"] for _, event in events if event["type"] == "picture"] == [0, 1]
    assert all(event["iterations_per_second"] > 0 for _, event in events if event["type"] == "step")


def test_a_picture_can_be_fetched_when_its_event_has_come(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 20})
    assert _kinds(worker.events(job_id, until="picture"))[-1] == "picture"
    assert worker.get(f"jobs/{job_id}/pictures/0").status_code == 200
    assert worker.ended(job_id)["state"] == "done"


def test_a_reader_resumes_without_gap_or_double(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 100})
    first = worker.events(job_id, most=30)
    second = worker.events(job_id, last_event_id=first[-1][0], most=90)
    third = worker.events(job_id, last_event_id=second[-1][0])
    numbers = [int(name.split("-")[1]) for name, _ in (*first, *second, *third)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert _kinds(third)[-1] == "done"


def test_the_stream_of_an_ended_job_is_told_again(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, body)
    live = worker.events(job_id)
    assert worker.events(job_id) == worker.events(job_id, "nonsense") == live
    assert worker.events(job_id, live[4][0]) == live[5:]


def test_a_waiting_job_hears_when_it_moves_up(worker: WorkerProcess, body: dict[str, Any]) -> None:
    first, second, third = new_id(), new_id(), new_id()
    worker.put(first, {**body, "steps": 1000, "seeds": [1]})
    worker.put(second, body)
    worker.put(third, body)
    heard: list[tuple[str, dict[str, Any]]] = []
    reader = threading.Thread(target=lambda: heard.extend(worker.events(third)))
    reader.start()
    assert worker.request("DELETE", f"jobs/{second}").json()["state"] == "cancelled"
    worker.wait_until(lambda: worker.job(third)["position"] == 1, "the job to move up")
    worker.request("DELETE", f"jobs/{first}")
    reader.join(60)
    assert _kinds(heard)[-1] == "done"
    assert [event["position"] for _, event in heard if event["type"] == "queued"][-1] == 0


def test_cancelling_takes_effect_within_one_step(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 1000})
    seen = worker.events(job_id, most=10)
    worker.request("DELETE", f"jobs/{job_id}")
    done_by_then = worker.get("idle").json()["progress"]
    rest = worker.events(job_id, seen[-1][0])
    assert _kinds(rest)[-1] == "cancelled"
    assert set(_kinds(rest)[:-1]) <= {"step"}  # none where it was quick
    worker.ended(job_id)
    assert worker.get("idle").json()["progress"] - done_by_then <= 2  # the step under way, and the end
    assert worker.put(job_id, {**body, "steps": 1000})["state"] == "cancelled"


def test_finished_pictures_of_a_cancelled_job_stay(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 200, "seeds": list(range(50))})
    worker.wait_until(lambda: len(worker.job(job_id)["pictures"]) >= 1, "a picture")
    worker.request("DELETE", f"jobs/{job_id}")
    status = worker.ended(job_id)
    assert status["state"] == "cancelled"
    assert 1 <= len(status["pictures"]) < 50
    for picture in status["pictures"]:
        assert worker.get(f"jobs/{job_id}/pictures/{picture['index']}").status_code == 200


def test_a_reader_that_leaves_does_not_hold_up_the_job(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 300})
    for _ in range(20):
        worker.events(job_id, most=3)
    assert worker.ended(job_id)["state"] == "done"
