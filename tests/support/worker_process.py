"""Starts, kills and speaks to a real worker process on a unix socket."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from tests.support.worker_talk import WorkerTalk, new_id, recipe

from fluxpod.pod_contract import Limits, PodContract

__all__ = ["TOKEN", "WorkerProcess", "contract_for", "new_id", "recipe", "short_folder", "started_worker"]

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


@dataclass
class WorkerProcess(WorkerTalk):
    """A worker of one contract; may be started again after its end."""

    contract: PodContract
    variables: Mapping[str, str] = field(default_factory=dict)
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
            self.process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
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
