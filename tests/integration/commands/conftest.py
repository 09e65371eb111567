"""Somebody who types commands; RunPod is the one of `tests/cloud`, its clock goes on by itself."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.cloud.server import cloud
from tests.support.registry_server import Registry
from tests.support.renter import Renter, image_of
from tests.support.shell import Shell, Typed

from fluxctl.environment import Environment
from fluxctl.link.identity import make_key, own_key
from fluxctl.providers.docker.labels import CUDA_FLOOR

Type = Callable[..., Typed]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[CloudServer]:
    with cloud(clock=clock) as server:
        yield server


@pytest.fixture(scope="session")
def image() -> Iterator[str]:
    with Registry() as registry:
        yield image_of(registry, {CUDA_FLOOR: "12.4"})


@pytest.fixture
def shell(server: CloudServer, image: str, tmp_path: Path) -> Shell:
    shell = Shell(tmp_path / "home")
    shell.variables |= {**server.exports(), "FLUXCTL_POD__IMAGE": image, "FLUXCTL_GENERATE__MODEL": "embedded"}
    environment = Environment(variables=shell.variables)
    make_key(environment, own_key(environment))
    return shell


@pytest.fixture
def typed(shell: Shell, clock: VirtualClock) -> Type:
    """Type a command in this process, on the clock of the test."""

    def type_in(*words: str, **more: Any) -> Typed:
        clocks: dict[str, Any] = {"now": clock.now, "monotonic": clock.monotonic, "sleep": clock.sleep}
        return shell.type(*words, **{**clocks, **more})

    return type_in


@pytest.fixture
def renter(server: CloudServer, clock: VirtualClock, image: str, shell: Shell) -> Iterator[Renter]:
    """The same person; pods that this one rents get no guard process."""
    renter = Renter(server, clock, shell.home, image)
    yield renter
    renter.close()
