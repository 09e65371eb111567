"""An account at the RunPod of `tests/cloud`, and fluxctl's way to it over either transport."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.server import CloudServer, cloud

from fluxctl.environment import Environment
from fluxctl.providers.runpod.api import CreateOrder, RunpodApi, open_api
from fluxctl.settings.load import load_settings

GPU, OTHER_GPU = "NVIDIA L40S", "NVIDIA A40"
NASTY = 'say "hi" \\ back\\slash {} {{ RUNPOD_SECRET_x }} $HOME `id` \t tab\nnew line = equals é 🦊 \u2028 end'
"""A value that breaks whatever writes it without escaping."""


@dataclass
class Tenant:
    """Somebody with an account, and the clock of the computer."""

    server: CloudServer
    clock: VirtualClock
    home: Path
    opened: list[RunpodApi] = field(default_factory=list[RunpodApi])

    def open(self, transport: str = "auto", **variables: str) -> RunpodApi:
        """Return the way to the account."""
        said = {**self.server.exports(), "FLUXCTL_HOME": str(self.home), "FLUXCTL_RUNPOD__TRANSPORT": transport, **variables}
        environment = Environment(variables=said, now=self.clock.now, monotonic=self.clock.monotonic, sleep=self.clock.sleep)
        api = open_api(environment, load_settings(environment))
        self.opened.append(api)
        return api


def order(**changes: Any) -> CreateOrder:
    """Return an order for an ordinary pod."""
    usual: dict[str, Any] = {
        "name": "fluxctl-0a1b2c3d-11112222",
        "image": "ghcr.io/somebody/fluxctl-pod:0.1.0",
        "gpu_type": GPU,
        "cloud": "secure",
        "container_disk_gb": 60,
        "environment": {"FLUXPOD_OWNER_ID": "owner-1", "FLUXPOD_WORKER_TOKEN": "token-of-the-worker", "NASTY": NASTY},
    }
    return CreateOrder(**{**usual, **changes})


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[CloudServer]:
    with cloud(clock=clock) as server:
        yield server


@pytest.fixture
def tenant(server: CloudServer, clock: VirtualClock, tmp_path: Path) -> Iterator[Tenant]:
    tenant = Tenant(server, clock, tmp_path / "home")
    yield tenant
    for api in tenant.opened:
        api.close()


@pytest.fixture(params=["graphql", "rest"])
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def api(tenant: Tenant, transport: str) -> RunpodApi:
    return tenant.open(transport)


@pytest.fixture
def later(clock: VirtualClock) -> Callable[[float], None]:
    """Let time go by."""
    return clock.sleep
