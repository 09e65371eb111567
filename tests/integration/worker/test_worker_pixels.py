"""The same recipe gives the same pixels: alone, in a job, after whatever happened before, and as a bare FluxPipeline gives them."""

from pathlib import Path
from typing import Any

import pytest
from tests.support.bare_pipeline import bare_hashes
from tests.support.worker_process import WorkerProcess, new_id, recipe


@pytest.fixture(scope="module")
def body(worker: WorkerProcess) -> dict[str, Any]:
    """A recipe of three pictures."""
    return recipe(
        worker.contract.model_source, prompt="a red circle on a blue square", clip_prompt="a fox", steps=3, seeds=[7, 8, 2**63 - 1]
    )


@pytest.fixture(scope="module")
def expected(tiny: Path, body: dict[str, Any]) -> list[str]:
    """What a bare pipeline in a fresh process gives."""
    return bare_hashes(tiny, body)


def test_the_worker_gives_the_pixels_of_a_bare_pipeline(worker: WorkerProcess, body: dict[str, Any], expected: list[str]) -> None:
    assert worker.made(body) == expected
    assert len(set(expected)) == 3


def test_a_picture_alone_is_the_same_as_in_a_job_in_any_order(worker: WorkerProcess, body: dict[str, Any], expected: list[str]) -> None:
    assert worker.made({**body, "seeds": [8]}) == [expected[1]]
    assert worker.made({**body, "seeds": [8, 7, 8]}) == [expected[1], expected[0], expected[1]]


def test_clip_reads_its_own_prompt(worker: WorkerProcess, body: dict[str, Any], expected: list[str]) -> None:
    assert worker.made({**body, "clip_prompt": None}) != expected


def test_a_job_after_a_cancelled_one_gives_the_same_pixels(worker: WorkerProcess, body: dict[str, Any], expected: list[str]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "steps": 1000, "width": 96, "prompt": "a green star"})
    worker.events(job_id, most=6)
    worker.request("DELETE", f"jobs/{job_id}")
    assert worker.ended(job_id)["state"] == "cancelled"
    assert worker.made(body) == expected


def test_a_job_after_a_failed_one_and_another_model_gives_the_same_pixels(
    worker: WorkerProcess, broken: Path, body: dict[str, Any], expected: list[str]
) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "model": "broken", "source": str(broken)})
    failed = worker.ended(job_id)
    assert (failed["state"], failed["error"]["code"], failed["pictures"]) == ("failed", "not_finite", [])
    assert worker.get("health").json()["model"] == "broken"
    assert worker.made(body) == expected
    assert worker.get("health").json()["model"] == "tiny"


@pytest.mark.parametrize(
    ("source", "code"), [("/no/such/folder", "model_missing"), ("not-a-source", "bad_source"), ("../other/model", "bad_source")]
)
def test_a_model_that_is_not_there_fails_its_job_and_leaves_the_loaded_one(
    worker: WorkerProcess, body: dict[str, Any], source: str, code: str
) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "source": source})
    failed = worker.ended(job_id)
    assert (failed["state"], failed["error"]["code"]) == ("failed", code)
    assert (worker.get("health").json()["phase"], worker.get("health").json()["model"]) == ("ready", "tiny")
