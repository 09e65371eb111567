"""A platform with simulated pods and a clock that waits for nobody, and somebody who talks to it."""

from collections.abc import Iterator

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.cloud.server import cloud
from tests.cloud.talk import Talk


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[CloudServer]:
    with cloud(clock=clock) as server:
        yield server


@pytest.fixture
def talk(server: CloudServer) -> Iterator[Talk]:
    with Talk(server) as talk:
        yield talk
