"""A pod on this machine: the real entrypoint below a folder of its own, with real watchdog, sshd and worker, and ways to reach them."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.support.worker_process import TOKEN, short_folder

import fluxpod
from fluxpod.pod_contract import EntrypointState, Limits, PodContract, PodPaths
from fluxpod.small_http import Answer, ask

PATIENCE_SECONDS = 90.0
BUSY_SECONDS = 2.0
"""What a busy machine may add to a time that is promised."""
FLUXPOD = Path(fluxpod.__file__).parent
SLEEPING = "import time\ntime.sleep(1000)\n"
"""A worker that does nothing, at no cost."""
CRASHING = "raise SystemExit('this worker cannot')\n"
REAL = f"import runpy\nrunpy.run_path({str(FLUXPOD / 'worker.py')!r}, run_name='__main__')\n"
"""The real worker, after whatever stands before it."""


def free_port() -> int:
    """Return a TCP port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PodProcess:
    """One entrypoint and what it started; may be started again below the same folder."""

    folder: Path
    source: str = "embedded"
    limits: Limits = field(default_factory=Limits)
    variables: dict[str, str] = field(default_factory=dict[str, str])
    """Set on top of the contract; an empty value takes one away."""
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        """Choose ports and make a key to log in with."""
        self.root = self.folder / "r"
        self.root.mkdir(exist_ok=True)
        self.port, self.sshd_port = free_port(), free_port()
        self.client_key = self.folder / "id"
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.client_key)]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL, capture_output=True)
        self.created_at = time.time()

    @property
    def paths(self) -> PodPaths:
        """Return where it keeps what."""
        return PodPaths(self.root)

    @property
    def public_key(self) -> str:
        """Return the line for authorized_keys."""
        return self.client_key.with_suffix(".pub").read_text().strip()

    @property
    def environment(self) -> dict[str, str]:
        """Return what the entrypoint starts with."""
        contract = PodContract(
            pod_id="pod-1",
            worker_token=TOKEN,
            created_at=self.created_at,
            model="tiny",
            model_source=self.source,
            end_action="container",
            root=self.root,
            limits=self.limits,
            port=self.port,
            public_key=self.public_key,
            sshd_port=self.sshd_port,
            sshd_address="127.0.0.1",
        )
        whole = {**os.environ, **contract.to_environment(), **self.variables}
        return {name: value for name, value in whole.items() if value}

    @property
    def output(self) -> str:
        """Return what it wrote to stdout and stderr: the container's log."""
        file = self.folder / "output"
        return file.read_text(errors="replace") if file.exists() else ""

    def start(self, before: str = "") -> "PodProcess":
        """Start the entrypoint, after the program `before` in the same process, and wait until it answers on its socket."""
        with (self.folder / "output").open("ab") as output:
            program = f"{before}\nimport runpy\nrunpy.run_module('fluxpod.entrypoint', run_name='__main__')\n"
            command = [sys.executable, *(("-c", program) if before else ("-m", "fluxpod.entrypoint"))]
            self.process = subprocess.Popen(command, env=self.environment, stdout=output, stderr=output, start_new_session=True)
        self.wait_until(lambda: self.state() is not None, "an answer of the entrypoint")
        return self

    def bring_worker(self, program: str) -> None:
        """Put code where `fluxctl sync` puts it: a worker that runs this program; the rest of fluxpod stays as it is."""
        folder = self.paths.synced_code / "fluxpod"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text(f"__path__.append({str(FLUXPOD)!r})\n")
        (folder / "worker.py").write_text(program)

    def state(self) -> EntrypointState | None:
        """Ask the entrypoint."""
        answer = self.ask_entrypoint("GET", "/v1/state")
        return EntrypointState.from_json(answer.body) if answer and answer.status == 200 else None

    def ask_entrypoint(self, method: str, route: str) -> Answer | None:
        """Ask something on the entrypoint's socket."""
        return ask(self.paths.entrypoint_socket, "", method, route, None, 5.0)

    def known_state(self) -> EntrypointState:
        """Ask the entrypoint, which has to answer."""
        state = self.state()
        assert state is not None, self.output
        return state

    def wait_for_state(self, *wanted: str) -> EntrypointState:
        """Wait until the entrypoint is in one of these states."""
        self.wait_until(lambda: self.known_state().state in wanted, f"state {wanted}")
        return self.known_state()

    def ask_worker(self, method: str, route: str, body: Any = None, token: str = TOKEN) -> Answer | None:
        """Ask the worker over its port."""
        return ask(("127.0.0.1", self.port), token, method, route, body, 20.0)

    def phase(self) -> str:
        """Return the worker's phase; empty while it does not answer."""
        answer = self.ask_worker("GET", "/v1/health")
        return str(answer.body["phase"]) if answer and answer.status == 200 else ""

    def health(self) -> dict[str, Any]:
        """Return the worker's health; empty while it does not answer."""
        answer = self.ask_worker("GET", "/v1/health")
        return dict(answer.body) if answer and answer.status == 200 else {}

    def until_ready(self) -> "PodProcess":
        """Wait until the worker is ready."""
        self.wait_until(lambda: self.phase() == "ready", "a ready worker")
        return self

    def put(self, job_id: str, recipe: Mapping[str, Any]) -> None:
        """Put a job that has to be accepted."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        reply = httpx.put(f"http://127.0.0.1:{self.port}/v1/jobs/{job_id}", json=dict(recipe), headers=headers, timeout=20, trust_env=False)
        assert reply.status_code in (200, 201), reply.text

    def job(self, job_id: str) -> dict[str, Any]:
        """Return a job's status."""
        answer = self.ask_worker("GET", f"/v1/jobs/{job_id}")
        return dict(answer.body) if answer and answer.status == 200 else {}

    def process_id(self, which: str) -> int:
        """Return the process that holds the lock of the `worker`, `watchdog` or `entrypoint`; 0 when none does."""
        with contextlib.suppress(OSError), (self.paths.run / f"{which}.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                text = lock.read().strip()
                return int(text) if text.isdigit() else 0
        return 0

    def kill(self, which: str) -> int:
        """Kill the holder of a lock as `kill -9` does, and return its process id."""
        self.wait_until(lambda: self.process_id(which) > 0, f"a {which}")
        process_id = self.process_id(which)
        os.kill(process_id, signal.SIGKILL)
        return process_id

    def ended(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait until the entrypoint has ended and return its exit code."""
        assert self.process
        return self.process.wait(seconds)

    def terminate(self) -> float:
        """Send SIGTERM, wait for the end, and return how many seconds that took."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_SECONDS)
        return time.monotonic() - began

    def ssh(self, *command: str, options: tuple[str, ...] = (), given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """Log in as this user and run a command; without one, a shell reads `given`."""
        known = self.folder / "known_hosts"
        settings = {
            "IdentitiesOnly": "yes",
            "IdentityFile": str(self.client_key),
            "BatchMode": "yes",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": str(known),
            "LogLevel": "ERROR",
        }
        words = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
        line = ["ssh", "-F", "none", *words, *options, "-p", str(self.sshd_port), f"{user}@127.0.0.1", *command]
        return subprocess.run(line, input=given, capture_output=True, timeout=60)

    def wait_until(self, is_so: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> float:
        """Wait until something is so, and return how many seconds that took; raise AssertionError when it takes too long."""
        began = time.monotonic()
        while not is_so():
            assert time.monotonic() - began < seconds, f"waited in vain for {what}:\n{self.output}"
            assert self.process
            assert self.process.poll() is None, f"the entrypoint ended:\n{self.output}"
            time.sleep(0.02)
        return time.monotonic() - began

    def end(self) -> None:
        """End the entrypoint, and what it may have left."""
        if self.process and self.process.poll() is None:
            self.terminate()
        for process_id in self._left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)

    def _left(self) -> list[int]:
        """Return what a killed entrypoint left: processes that bear this pod's folder in their environment or on their command line."""
        found: list[int] = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                known = (process / "environ").read_bytes().split(b"\0") + (process / "cmdline").read_bytes().split(b"\0")
                config = str(self.paths.run / "sshd_config")
                mine = f"FLUXPOD_ROOT={self.root}".encode() in known or any(config.encode() in word for word in known)
                if mine and int(process.name) != os.getpid():
                    found.append(int(process.name))
        return found


@contextlib.contextmanager
def pod_process(**how: Any) -> Iterator[PodProcess]:
    """Yield a pod that is not started yet; it ends afterwards."""
    with short_folder() as folder:
        pod = PodProcess(folder, **how)
        try:
            yield pod
        finally:
            pod.end()
