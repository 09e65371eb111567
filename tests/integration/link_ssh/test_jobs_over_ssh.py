"""Jobs of a real worker behind a real sshd: they come home although the connection breaks on the way."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.support import tiny_flux
from tests.support.far_pod import FarPod
from tests.support.shell import wait_until
from tests.support.ssh_server import SshServer, free_port, ssh_server
from tests.support.worker_process import TOKEN, WorkerProcess, contract_for
from tests.support.worker_talk import new_id, recipe

from fluxctl.link.client import WorkerClient
from fluxpod.protocol import DoneEvent, JobEvent, JobRequest, PictureEvent, PictureResult, StepEvent


class PortWorker(WorkerProcess):
    """A worker on a port of 127.0.0.1, as in a pod."""

    def client(self, token: str = TOKEN) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.contract.port}", headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False
        )

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        wait_until(lambda: is_so() or not self.is_alive, 240)
        assert self.is_alive, f"the worker ended:\n{self.log}"

    def phase(self) -> str:
        try:
            return str(self.get("health").json()["phase"])
        except httpx.ConnectError:
            return ""


STEPS = 300
"""A job of some seconds on the tiny model."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    subprocess.run([sys.executable, tiny_flux.__file__, str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def worker(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    running = PortWorker(contract_for(tmp_path_factory.mktemp("pod"), None, str(tiny), port=free_port()))
    try:
        yield running.start()
    finally:
        if running.is_alive:
            running.kill()


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fj-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[SshServer]:
    (home / "sshd").mkdir(mode=0o700)
    with ssh_server(home / "sshd") as running:
        yield running


@pytest.fixture
def far(home: Path, server: SshServer, worker: WorkerProcess) -> Iterator[FarPod]:
    assert worker.contract.port is not None
    if server.process is None:
        server.start()
    pod = FarPod(home, server, worker.contract.port)
    yield pod
    pod.close()


def request(worker: WorkerProcess, **changes: object) -> JobRequest:
    return JobRequest.model_validate(recipe(worker.contract.model_source, **changes))


def follow(client: WorkerClient, job_id: str, at_step: dict[int, Callable[[], object]]) -> tuple[list[JobEvent], list[bytes]]:
    """Follow a job as gen does, doing something at certain steps; return its events and pictures."""
    events, pictures = list[JobEvent](), list[bytes]()
    waiting = dict(at_step)
    for event in client.events(job_id):
        events.append(event)
        if isinstance(event, StepEvent) and event.index == 0 and event.step in waiting:
            waiting.pop(event.step)()
        if isinstance(event, PictureEvent):
            result: PictureResult = event.picture
            pictures.append(client.picture(job_id, result))
    assert not waiting, f"never came to steps {list(waiting)}"
    return events, pictures


def steps_of(events: list[JobEvent], index: int = 0) -> list[int]:
    return [event.step for event in events if isinstance(event, StepEvent) and event.index == index]


def test_ssh_killed_in_the_middle_of_a_job_costs_no_event_and_no_picture(far: FarPod, worker: WorkerProcess) -> None:
    client, job_id = far.client(), new_id()
    client.put_job(job_id, request(worker, steps=STEPS))
    first = far.master()

    events, pictures = follow(
        client, job_id, {20: lambda: os.kill(first, signal.SIGKILL), 120: lambda: os.kill(far.master(), signal.SIGKILL)}
    )

    assert steps_of(events) == list(range(1, STEPS + 1)), "no gap and no repeat"
    assert isinstance(events[-1], DoneEvent) and len(pictures) == 1
    assert far.asked == 3


def test_an_sshd_that_dies_and_comes_back_elsewhere_is_found_while_the_job_goes_on(
    far: FarPod, worker: WorkerProcess, server: SshServer
) -> None:
    client, job_id = far.client(), new_id()
    client.put_job(job_id, request(worker, steps=STEPS))
    old = server.port
    timers: list[threading.Timer] = []

    def restart_later() -> None:
        server.kill()
        timers.append(threading.Timer(1.5, server.start))
        timers[-1].start()

    events, pictures = follow(client, job_id, {20: restart_later})
    timers[0].join()

    assert server.port != old
    assert steps_of(events) == list(range(1, STEPS + 1))
    assert isinstance(events[-1], DoneEvent) and len(pictures) == 1


def test_two_followers_over_one_tunnel_get_everything(far: FarPod, worker: WorkerProcess, server: SshServer) -> None:
    before = server.log.count("Accepted publickey")
    jobs = [new_id(), new_id()]
    seen: dict[str, tuple[list[JobEvent], list[bytes]]] = {}

    def make(job_id: str) -> None:
        client = far.client()
        client.put_job(job_id, request(worker, steps=60, seeds=[int(job_id[:4], 16)]))
        seen[job_id] = follow(client, job_id, {})

    threads = [threading.Thread(target=make, args=(job_id,)) for job_id in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [steps_of(seen[job_id][0]) for job_id in jobs] == [list(range(1, 61))] * 2
    assert all(len(seen[job_id][1]) == 1 for job_id in jobs)
    assert server.log.count("Accepted publickey") == before + 1


def test_a_picture_whose_way_home_breaks_is_taken_up_again(far: FarPod, worker: WorkerProcess) -> None:
    client, job_id = far.client(), new_id()
    client.put_job(job_id, request(worker, steps=2))
    events, _ = follow(client, job_id, {})
    (result,) = [event.picture for event in events if isinstance(event, PictureEvent)]
    os.kill(far.master(), signal.SIGKILL)
    assert len(client.picture(job_id, result)) == result.file_bytes
