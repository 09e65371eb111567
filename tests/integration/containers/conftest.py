"""What the tests of containers share."""

import json
from collections.abc import Callable, Iterator

import pytest
from tests.support.docker_engine import Container

from fluxpod.pod_contract import EntrypointState

ASK = """
import http.client, socket, sys
from fluxpod.pod_contract import STATE_ROUTE, PodPaths
from pathlib import Path
connection = http.client.HTTPConnection("localhost")
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect(str(PodPaths(Path("/")).entrypoint_socket))
connection.request("GET", STATE_ROUTE)
print(connection.getresponse().read().decode())
"""


@pytest.fixture
def state() -> Callable[[Container], EntrypointState]:
    """Asks a container's entrypoint about itself."""

    def ask(container: Container) -> EntrypointState:
        said = EntrypointState.from_json(json.loads(container.run("/opt/venv/bin/python", "-P", "-c", ASK)))
        assert said is not None
        return said

    return ask


@pytest.fixture
def ready(container: Callable[..., Container]) -> Iterator[Container]:
    """A container whose worker is ready."""
    yield container().start().wait_for("ready")


def worker_pid(container: Container) -> int:
    """Return the process id of the worker inside, which has to live."""
    return int(container.run("cat", "/run/fluxpod/worker.lock").split()[0])
