"""Starts, kills and speaks to a real worker process on a unix socket."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from httpx_sse import connect_sse

from fluxpod.pod_contract import Limits, PodContract

TOKEN = "a-token-for-tests"
PATIENCE_SECONDS = 60.0


@contextmanager
def short_folder() -> Iterator[Path]:
    """Yield a private folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="fp-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def contract_for(root: Path, socket_path: Path, source: str, **changes: Any) -> PodContract:
    """Given the pod's folder, its socket and a model, return a contract; `changes` are its fields."""
    contract = PodContract(
        pod_id="pod-1",
        worker_token=TOKEN,
        created_at=time.time(),
        model="tiny",
        model_source=source,
        end_action="worker",
        root=root,
        socket=socket_path,
        limits=Limits(),
    )
    return replace(contract, **changes)


def recipe(source: str, **changes: Any) -> dict[str, Any]:
    """Given a model's source, return the JSON of a small recipe; `changes` are its fields."""
    plain = {
        "model": "tiny",
        "source": source,
        "prompt": "a red circle",
        "width": 64,
        "height": 64,
        "steps": 2,
        "guidance": 3.5,
        "maximum_sequence_length": 32,
        "seeds": [7],
    }
    return {**plain, **changes}


def new_id() -> str:
    """Return an id for a job."""
    return uuid.uuid4().hex


@dataclass
class WorkerProcess:
    """A worker of one contract; may be started again after its end."""

    contract: PodContract
    variables: Mapping[str, str] = field(default_factory=dict)
    limits: Callable[[], None] | None = None
    """Runs in the new process before the worker, to limit it."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether its present process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def log(self) -> str:
        """Everything the worker wrote, in all its lives."""
        return self.contract.paths.worker_log.read_text()

    def start(self, *, wait_for: tuple[str, ...] = ("ready",)) -> "WorkerProcess":
        """Start the process and wait for one of these phases (none: not even for its socket)."""
        log = self.contract.paths.worker_log
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self.contract.to_environment(), **self.variables}
        with log.open("ab") as output:
            command = [sys.executable, "-m", "fluxpod.worker"]
            self.process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, preexec_fn=self.limits)
        if wait_for:
            self.wait_until(lambda: self.phase() in wait_for, f"phase {wait_for}")
        return self

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> int:
        """Ask it to end, wait, and return its exit code."""
        return self._signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for it to end by itself and return its exit code."""
        assert self.process
        return self.process.wait(PATIENCE_SECONDS)

    def client(self, token: str = TOKEN) -> httpx.Client:
        """Return a client of its socket."""
        transport = httpx.HTTPTransport(uds=str(self.contract.socket), verify=False)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(transport=transport, base_url="http://worker", headers=headers, timeout=20)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET below `/v1`."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """POST below `/v1`."""
        return self.request("POST", path, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request below `/v1`."""
        with self.client() as client:
            return client.request(method, f"/v1/{path}", **more)

    def put(self, job_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Put a job that has to be accepted, and return its status."""
        reply = self.request("PUT", f"jobs/{job_id}", json=body)
        assert reply.status_code in (200, 201), reply.text
        return reply.json()

    def job(self, job_id: str) -> dict[str, Any]:
        """Return the status of a job that has to be there."""
        reply = self.get(f"jobs/{job_id}")
        assert reply.status_code == 200, reply.text
        return reply.json()

    def ended(self, job_id: str) -> dict[str, Any]:
        """Wait until a job has ended and return its status."""
        self.wait_until(lambda: self.job(job_id)["state"] in ("done", "failed", "cancelled"), "the job's end")
        return self.job(job_id)

    def made(self, body: Mapping[str, Any]) -> list[str]:
        """Put a job, wait for it, and return the hashes of its pictures, which all have to be there."""
        job_id = new_id()
        self.put(job_id, body)
        status = self.ended(job_id)
        assert status["state"] == "done", status
        return [picture["sha256"] for picture in status["pictures"]]

    def events(self, job_id: str, last_event_id: str = "", *, most: int = 100_000, until: str = "") -> list[tuple[str, dict[str, Any]]]:
        """Follow a job to the end of the stream, for `most` events, or until one of type `until`; return ids and events."""
        seen: list[tuple[str, dict[str, Any]]] = []
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        with self.client() as client, connect_sse(client, "GET", f"/v1/jobs/{job_id}/events", headers=headers) as source:
            for event in source.iter_sse():
                seen.append((event.id, json.loads(event.data)))
                if len(seen) >= most or seen[-1][1]["type"] == until:
                    break
        return seen

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """Look every few milliseconds until something is so; raise AssertionError when that takes too long."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < end, f"waited in vain for {what}:\n{self.log}"
            assert self.process
            assert self.process.poll() is None, f"the worker ended:\n{self.log}"
            time.sleep(0.01)

    def phase(self) -> str:
        """Return the phase that it reports; empty while it does not listen."""
        # Asked first, for httpcore leaves a socket open when a unix path refuses the connection.
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(self.contract.socket)):
                return ""
        return self.get("health").json()["phase"]

    def _signal(self, number: int) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def started_worker(contract: PodContract, wait_for: tuple[str, ...] = ("ready",), **more: Any) -> Iterator[WorkerProcess]:
    """Yield a worker in one of these phases; it is killed at the end, in whatever life it then is."""
    worker = WorkerProcess(contract, **more)
    try:
        yield worker.start(wait_for=wait_for)
    finally:
        if worker.is_alive:
            worker.kill()
