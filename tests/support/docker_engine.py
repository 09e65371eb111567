"""A Docker engine, the pod image under test, and containers of it that are always removed."""

import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.worker_talk import WorkerTalk

from fluxpod.pod_contract import END_CONTAINER, Limits, PodContract

IMAGE = os.environ.get("TEST_POD_IMAGE") or "fluxctl-pod:cpu"
BASE_IMAGE = os.environ.get("TEST_BASE_IMAGE") or "fluxctl-base:bookworm"
"""What tests/containers/prepare.sh builds it upon."""
NEEDED = "TESTS_NEED_DOCKER"
TOKEN = "a-token-for-tests"
PATIENCE_SECONDS = 120.0


def docker(*words: str, check: bool = True, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a docker command and return what became of it; raise AssertionError when it fails (unless told not to)."""
    done = subprocess.run(["docker", *words], input=text, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert not check or done.returncode == 0, f"docker {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done


def free_port() -> int:
    """Return a TCP port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def contract(**changes: Any) -> PodContract:
    """Return the contract of a container on this machine's own network; `changes` are its fields."""
    plain = PodContract(
        pod_id=f"test-{uuid.uuid4().hex[:8]}",
        worker_token=TOKEN,
        created_at=time.time(),
        model="embedded",
        model_source="embedded",
        end_action=END_CONTAINER,
        root=Path("/"),
        limits=Limits(),
        port=free_port(),
        sshd_port=free_port(),
        sshd_address="127.0.0.1",
    )
    return replace(plain, **changes)


@dataclass
class Container(WorkerTalk):
    """One container of the image under test, on this machine's own network."""

    contract: PodContract
    options: Sequence[str] = ()
    """More of `docker run`, such as mounts."""
    command: Sequence[str] = ()
    """What runs in place of the entrypoint."""
    variables: dict[str, str] = field(default_factory=dict[str, str])
    name: str = field(default_factory=lambda: f"fluxctl-test-{uuid.uuid4().hex[:8]}")

    def start(self) -> "Container":
        """Create and start it; wait for nothing."""
        given = {**self.contract.to_environment(), **self.variables}
        given.pop("FLUXPOD_ROOT", None)
        # By name only: the values stay out of the command line, and newlines in them survive.
        names = [word for name in given for word in ("--env", name)]
        instead = ["--entrypoint", self.command[0]] if self.command else []
        words = ["run", "--detach", "--network", "host", "--name", self.name, *names, *self.options, *instead, IMAGE, *self.command[1:]]
        done = subprocess.run(["docker", *words], env={**os.environ, **given}, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        assert done.returncode == 0, done.stderr
        return self

    def remove(self) -> None:
        """Remove it, whatever it does; its named volumes stay."""
        docker("rm", "--force", "--volumes", self.name, check=False)

    def run(self, *words: str, check: bool = True) -> str:
        """Run a command in it and return its stdout."""
        return docker("exec", self.name, *words, check=check).stdout

    def inspect(self, template: str) -> str:
        """Return what `docker inspect` says."""
        return docker("inspect", "--format", template, self.name).stdout.strip()

    @property
    def is_running(self) -> bool:
        """Whether its main process lives."""
        return self.inspect("{{.State.Running}}") == "true"

    @property
    def exit_code(self) -> int:
        """Of its main process, once that has ended."""
        return int(self.inspect("{{.State.ExitCode}}"))

    @property
    def log(self) -> str:
        """Everything that it printed, and what worker and watchdog wrote into their own logs."""
        done = docker("logs", self.name, check=False)
        return done.stdout + done.stderr

    def client(self, token: str = TOKEN) -> httpx.Client:
        """Return a client of its worker."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.contract.port}", headers=headers, timeout=20, trust_env=False)

    def phase(self) -> str:
        """Return the phase that its worker reports; empty while it does not answer."""
        try:
            return self.get("health").json()["phase"]
        except httpx.TransportError:
            return ""

    def wait_for(self, *phases: str) -> "Container":
        """Wait until the worker is in one of these phases."""
        self.wait_until(lambda: self.phase() in phases, f"phase {phases}")
        return self

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """Look often until something is so; raise AssertionError when that takes too long or the container ended."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < end, f"waited in vain for {what}:\n{self.log}"
            assert self.is_running, f"the container ended while {what} was waited for:\n{self.log}"
            time.sleep(0.05)

    def wait_for_end(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait until it ends by itself and return its exit code; raise AssertionError when it does not."""
        end = time.monotonic() + seconds
        while self.is_running:
            assert time.monotonic() < end, f"it did not end:\n{self.log}"
            time.sleep(0.05)
        return self.exit_code


def _without(reason: str) -> None:
    """Skip the test, or fail it where Docker is required."""
    if os.environ.get(NEEDED):
        pytest.fail(f"{reason}, and {NEEDED} is set")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """There is a Docker engine that answers."""
    if shutil.which("docker") is None:
        _without("Docker is not installed")
    if docker("version", check=False).returncode:
        _without("no Docker engine answers")


@pytest.fixture(scope="session")
def pod_image(docker_engine: None) -> str:
    """Name of the image under test, which has been built."""
    if docker("image", "inspect", IMAGE, check=False).returncode:
        _without(f"there is no image {IMAGE} (tests/containers/prepare.sh makes it)")
    return IMAGE


@pytest.fixture(scope="session")
def base_image(docker_engine: None) -> str:
    """Name of the image that the image under test is built upon."""
    if docker("image", "inspect", BASE_IMAGE, check=False).returncode:
        _without(f"there is no image {BASE_IMAGE} (tests/containers/prepare.sh makes it)")
    return BASE_IMAGE


@pytest.fixture
def volume(docker_engine: None) -> Iterator[str]:
    """Name of an empty volume."""
    name = f"fluxctl-test-{uuid.uuid4().hex[:8]}"
    docker("volume", "create", name)
    yield name
    # Containers that still use it are removed first, whichever fixture a test named first.
    for user in docker("ps", "--all", "--quiet", "--filter", f"volume={name}").stdout.split():
        docker("rm", "--force", user, check=False)
    docker("volume", "rm", "--force", name)


@pytest.fixture
def container(pod_image: str) -> Iterator[Callable[..., Container]]:
    """Makes containers of the image (arguments of `Container`, then the contract's fields as `contract=`); removes them all."""
    made: list[Container] = []

    def make(**parts: Any) -> Container:
        made.append(Container(**{"contract": contract(), **parts}))
        return made[-1]

    yield make
    for one in made:
        one.remove()


@pytest.fixture(scope="session")
def in_image(pod_image: str) -> Callable[..., str]:
    """Runs one command in a fresh container of the image, without its entrypoint, and returns its stdout."""

    def run(*words: str) -> str:
        return docker("run", "--rm", "--network", "none", "--entrypoint", words[0], pod_image, *words[1:]).stdout

    return run
