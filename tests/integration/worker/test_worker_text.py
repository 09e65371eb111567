"""What becomes of the text in a worker: counted by the model's own tokenizers, and guided away from a negative prompt."""

from pathlib import Path
from typing import Any

import pytest
from tests.support.bare_pipeline import bare_hashes
from tests.support.worker_process import WorkerProcess, new_id, recipe

LONG = " ".join(["a red circle on blue"] * 20)


@pytest.fixture(scope="module")
def body(worker: WorkerProcess) -> dict[str, Any]:
    return recipe(worker.contract.model_source, prompt="a red circle", seeds=[7, 8])


def told(worker: WorkerProcess, body: dict[str, Any]) -> list[dict[str, Any]]:
    """What the events of a job say about its text."""
    job_id = new_id()
    worker.put(job_id, body)
    assert worker.ended(job_id)["state"] == "done"
    return [event["text"] for _, event in worker.events(job_id) if event["type"] == "text"]


def test_a_short_prompt_is_counted_once_a_job_and_loses_nothing(worker: WorkerProcess, body: dict[str, Any]) -> None:
    assert told(worker, body) == [{"clip_tokens": 3, "clip_limit": 76, "t5_tokens": 4, "t5_limit": 32, "lost": ""}]


def test_what_t5_does_not_hold_is_told_word_for_word(worker: WorkerProcess, body: dict[str, Any]) -> None:
    (text,) = told(worker, {**body, "prompt": LONG, "clip_prompt": "a red circle"})
    assert (text["clip_tokens"], text["t5_tokens"]) == (3, 101)
    assert LONG.split() == [*LONG.split()[:31], *text["lost"].split()] and LONG.endswith(text["lost"])


def test_a_job_that_ended_still_tells_of_its_text(worker: WorkerProcess, body: dict[str, Any]) -> None:
    job_id = new_id()
    worker.put(job_id, {**body, "prompt": LONG})
    assert worker.ended(job_id)["text"]["t5_tokens"] == 101
    for _ in range(40):  # more jobs than the worker keeps the events of
        worker.made({**body, "seeds": [1], "steps": 1})
    assert "text" in [event["type"] for _, event in worker.events(job_id)]


@pytest.mark.parametrize("prompt", ["🦊" * 50, "狐狸在雪地里", "\x01\x02\x1b[2J", "<|endoftext|> a fox", "a {red} fox", "\u202e\u0301"])
def test_any_text_is_counted_and_drawn(worker: WorkerProcess, body: dict[str, Any], prompt: str) -> None:
    (text,) = told(worker, {**body, "prompt": prompt, "seeds": [1]})
    assert text["t5_tokens"] > 0


def test_a_negative_prompt_gives_the_pixels_of_a_bare_pipeline(worker: WorkerProcess, body: dict[str, Any]) -> None:
    wanted = {**body, "negative_prompt": "a blue star", "true_cfg": 2.5}
    expected = bare_hashes(Path(worker.contract.model_source), wanted)
    assert worker.made(wanted) == expected
    assert worker.made(body) != expected


def test_true_guidance_without_a_negative_prompt_guides_away_from_the_empty_one(worker: WorkerProcess, body: dict[str, Any]) -> None:
    hashes = worker.made({**body, "true_cfg": 2.5})
    assert hashes == worker.made({**body, "true_cfg": 2.5, "negative_prompt": ""})
    assert hashes != worker.made(body)


@pytest.mark.parametrize("scale", [1, 0, -1, 101, "many"])
def test_a_scale_that_does_nothing_is_refused(worker: WorkerProcess, body: dict[str, Any], scale: object) -> None:
    reply = worker.request("PUT", f"jobs/{new_id()}", json={**body, "negative_prompt": "a", "true_cfg": scale})
    assert reply.status_code == 422 and "true_cfg" in reply.text


def test_the_worker_says_that_it_can(worker: WorkerProcess) -> None:
    assert {"true_cfg", "text"} <= set(worker.get("health").json()["features"])
