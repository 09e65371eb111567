"""Somebody who rents at a RunPod on this computer, over either transport, with an image in a registry on this computer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.cloud.server import cloud
from tests.support.registry_server import Registry
from tests.support.renter import Renter, image_of

from fluxctl.providers.docker.labels import CUDA_FLOOR


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[CloudServer]:
    with cloud(clock=clock) as server:
        yield server


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    with Registry() as registry:
        yield registry


@pytest.fixture(params=["graphql", "rest"])
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def renter(server: CloudServer, clock: VirtualClock, registry: Registry, tmp_path: Path) -> Iterator[Renter]:
    """Over whatever `auto` chooses; `both` is over each."""
    renter = Renter(server, clock, tmp_path / "home", image_of(registry, {CUDA_FLOOR: "12.4"}))
    renter.prepare()
    yield renter
    renter.close()


@pytest.fixture
def both(renter: Renter, transport: str) -> Renter:
    renter.variables["FLUXCTL_RUNPOD__TRANSPORT"] = transport
    return renter
