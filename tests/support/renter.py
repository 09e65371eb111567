"""Somebody who rents at the RunPod of `tests/cloud`: a home of their own, a key, and providers as each command opens them."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.support.registry_server import Registry

from fluxctl.environment import Environment
from fluxctl.ledger import Intent, Ledger, RentedPod
from fluxctl.link.identity import make_key, own_key
from fluxctl.pods.pod import PodPlan
from fluxctl.pods.progress import Progress
from fluxctl.pods.rent_wish import RentWish
from fluxctl.providers.runpod.provider import RunpodProvider
from fluxctl.providers.runpod.tenant import Tenant
from fluxctl.settings.load import load_settings
from fluxpod.pod_contract import Limits

L40S, A40, RTX4090 = "NVIDIA L40S", "NVIDIA A40", "NVIDIA GeForce RTX 4090"
SHORTEST_SLEEP_SECONDS = 0.5
"""Whoever waits for a lock looks fifty times a second: on a virtual clock that would be work for nothing."""


@dataclass
class Renter:
    """One person at one computer."""

    server: CloudServer
    clock: VirtualClock
    home: Path
    image: str
    variables: dict[str, str] = field(default_factory=dict[str, str])
    said: list[Progress] = field(default_factory=list[Progress])
    guarded: list[str] = field(default_factory=list[str])
    """Names of pods for which a guard was started, or looked after."""
    opened: list[RunpodProvider] = field(default_factory=list[RunpodProvider])

    def environment(self, **variables: str) -> Environment:
        """Return the world around one command."""
        usual = {**self.server.exports(), "FLUXCTL_HOME": str(self.home), "FLUXCTL_POD__IMAGE": self.image, "HF_TOKEN": "hf_of_somebody"}
        said = {name: value for name, value in {**usual, **self.variables, **variables}.items() if value}
        return Environment(
            variables={"PATH": "/usr/bin:/bin", "HOME": str(self.home), **said},
            working_folder=self.home,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
            sleep=lambda seconds: self.clock.sleep(max(seconds, SHORTEST_SLEEP_SECONDS)),
        )

    def provider(self, **variables: str) -> RunpodProvider:
        """Return the provider as a new command opens it."""
        environment = self.environment(**variables)
        opened = RunpodProvider(environment, load_settings(environment), start_guard=self._guard)
        self.opened.append(opened)
        return opened

    def prepare(self) -> None:
        """Make the home, with an SSH key."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        environment = self.environment()
        make_key(environment, own_key(environment))

    def hear(self, progress: Progress) -> None:
        """Note what a person is shown."""
        self.said.append(progress)

    def ledger(self) -> Ledger:
        """Open the ledger; to be closed again."""
        return Ledger.open(self.environment())

    @property
    def entries(self) -> list[RentedPod]:
        """Return every pod of the ledger, newest first."""
        with self.ledger() as ledger:
            return ledger.rentals.pods()

    @property
    def open_intents(self) -> list[Intent]:
        """Return what is not settled."""
        with self.ledger() as ledger:
            return ledger.rentals.intents()

    def close(self) -> None:
        """Close every connection."""
        for provider in self.opened:
            if "api" in provider.tenant.__dict__:
                provider.api.close()

    def _guard(self, _tenant: Tenant, name: str) -> None:
        self.guarded.append(name)


def plan(*gpu_types: str, **wish: Any) -> PodPlan:
    """Return a plan for any of these types."""
    rent = replace(RentWish(gpu_types or (L40S, A40)), **wish)
    return PodPlan("FLUX.1-dev", "black-forest-labs/FLUX.1-dev", Limits(), 2000, 604800.0, hub_token="hf_of_somebody", rent=rent)


def image_of(registry: Registry, labels: dict[str, str]) -> str:
    """Put an image with these labels into a registry and return its name."""
    registry.add_image("1", labels=labels)
    return f"{registry.name}/somebody/fluxctl-pod:1"
