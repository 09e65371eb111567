"""The list of jobs beside a living worker, one that stands still, and one that knows very many jobs."""

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.local_pod import LocalPod

from fluxctl.ledger import JobEntry, Ledger
from fluxctl.link.client import WorkerClient
from fluxctl.link.errors import UnknownJobError
from fluxctl.services.job_list import TO_FETCH, list_jobs
from fluxctl.settings.load import load_settings
from fluxpod.protocol import JobRequest, JobState, JobStatus

REQUEST = JobRequest(
    model="m", source="embedded", prompt="p", width=64, height=64, steps=1, guidance=1, maximum_sequence_length=16, seeds=(5,)
)


def _id(number: int) -> str:
    return f"{number:032x}"


@pytest.fixture
def ordered(pod: LocalPod) -> Callable[[int], None]:
    """Puts so many open jobs into the ledger."""

    def order(count: int) -> None:
        with Ledger.open(pod.environment) as ledger:
            for number in range(count):
                ledger.add_job(
                    JobEntry(
                        id=_id(number),
                        provider="local",
                        pod_id="p",
                        model="m",
                        order={"recipes": []},
                        picture_count=1,
                        state="open",
                        created_at=float(number),
                    )
                )

    return order


def test_a_worker_that_stands_still_is_not_waited_for(pod: LocalPod, ordered: Callable[[int], None]) -> None:
    ordered(3)
    pod.up()
    pod.signal("worker", signal.SIGSTOP)
    begun = time.monotonic()
    try:
        found = list_jobs(pod.environment, load_settings(pod.environment), 20)
    finally:
        pod.signal("worker", signal.SIGCONT)
    assert time.monotonic() - begun < 12
    assert [line.state for line in found.lines] == ["open"] * 3


def test_what_is_done_there_and_open_here_is_to_be_fetched(
    pod: LocalPod, ordered: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered(400)
    pod.up()
    asked: list[Any] = []
    states = {_id(399): JobState.RUNNING, _id(398): JobState.DONE, _id(397): JobState.CANCELLED}

    def status(job_id: str) -> JobStatus:
        if job_id not in states:
            raise UnknownJobError("no such job")
        return JobStatus(id=job_id, pod_id="p", state=states[job_id], request=REQUEST, created_at=1.0)

    def jobs(_self: WorkerClient, wanted: Any = (), limit: int = 1000, *, quick: bool = False) -> tuple[JobStatus, ...]:
        asked.append((wanted, limit, quick))
        return (status(_id(399)),)

    def job(_self: WorkerClient, job_id: str, *, quick: bool = False) -> JobStatus:
        asked.append((job_id, quick))
        return status(job_id)

    monkeypatch.setattr(WorkerClient, "jobs", jobs)
    monkeypatch.setattr(WorkerClient, "job", job)
    found = list_jobs(pod.environment, load_settings(pod.environment), 400)
    assert [line.state for line in found.lines[:4]] == ["running", TO_FETCH, "cancelled", "open"]
    written = found.document()["jobs"]
    assert [(job["state"], job["worker_state"]) for job in written[:4]] == [
        ("open", "running"),
        ("open", "done"),
        ("open", "cancelled"),
        ("open", None),
    ]
    assert asked[0] == ((JobState.QUEUED, JobState.RUNNING), 200, True)
    assert len(asked) == 51
