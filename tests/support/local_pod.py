"""A local pod of a test's own: real watchdog, a stand-in worker, a state folder that is ended and removed afterwards."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fluxctl.environment import Environment
from fluxctl.link.client import WorkerClient
from fluxctl.link.connection import Timeouts
from fluxctl.pods.pod import Pod, PodPlan
from fluxctl.pods.progress import Progress
from fluxctl.providers.local import LocalProvider
from fluxctl.providers.local_processes import Commands
from fluxctl.services.bring_up import BringUp, Ready
from fluxctl.services.shut_down import Ended, end_pod
from fluxpod.pod_contract import Limits

STAND_IN = str(Path(__file__).parent / "stand_in_worker.py")
CHECKOUT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30.0


@dataclass
class LocalPod:
    """One user's local pod under a home of its own."""

    home: Path
    limits: Limits = field(default_factory=Limits)
    variables: dict[str, str] = field(default_factory=dict[str, str])
    needed: tuple[str, ...] = ()
    reports: list[Progress] = field(default_factory=list[Progress])
    clients: list[WorkerClient] = field(default_factory=list[WorkerClient])

    @property
    def environment(self) -> Environment:
        """Return the world as fluxctl sees it."""
        return Environment(variables={**os.environ, "FLUXCTL_HOME": str(self.home), **self.variables}, working_folder=CHECKOUT)

    @property
    def provider(self) -> LocalProvider:
        """Return the provider, with the stand-in for a worker."""
        commands = Commands(worker=(sys.executable, STAND_IN), needed=self.needed)
        return LocalProvider(self.environment, Timeouts(5, 5, self.limits.silence_timeout_seconds), commands)

    @property
    def root(self) -> Path:
        """Return the pod's folder."""
        return self.provider.folder.root

    @property
    def starts(self) -> list[list[str]]:
        """Return what every worker that got the lock wrote down: process id, token, folder."""
        return [line.split(" ") for line in (self.root / "starts").read_text().splitlines()]

    def behave(self, **how: Any) -> None:
        """Let the worker, running or not, behave like this from now on."""
        self.root.mkdir(parents=True, exist_ok=True)
        aside = self.root / "stand_in.json.new"
        aside.write_text(json.dumps(how))
        aside.replace(self.root / "stand_in.json")

    def up(self, *, timeout_seconds: float = 60.0, model: str = "embedded", plan: PodPlan | None = None) -> Ready:
        """Bring up a worker."""
        ready = BringUp(self.environment, self.provider, plan or self.plan(model), self.reports.append, timeout_seconds).ready()
        self.clients.append(ready.client)
        return ready

    def plan(self, model: str = "embedded") -> PodPlan:
        """Return what a new pod is to be."""
        return PodPlan(model, "embedded", self.limits, 10, 1000.0, "hub-token")

    def create(self) -> Pod:
        """Start a worker and wait for nothing."""
        return self.provider.create(self.plan(), self.reports.append).pod

    def client(self) -> WorkerClient:
        """Return a client of the living worker."""
        pod = self.provider.find()
        assert pod is not None
        self.clients.append(self.provider.connect(pod))
        return self.clients[-1]

    def end(self) -> None:
        """End what lives, and close what was opened."""
        for client in self.clients:
            client.close()
        self.provider.end_everything()

    def down(self, before_end: Callable[..., None] = lambda _client: None) -> Ended:
        """Shut it down."""
        return end_pod(self.environment, self.provider, before_end, self.reports.append)

    def process_id(self, which: str) -> int:
        """Return the id of the living `worker` or `watchdog`."""
        found = getattr(self.provider.processes, which).holder()
        assert found is not None, f"no {which} lives"
        return found

    def lives(self, which: str) -> bool:
        """Return whether the `worker` or `watchdog` lives."""
        return getattr(self.provider.processes, which).is_held()

    def signal(self, which: str, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.process_id(which), number)

    def log(self, which: str) -> str:
        """Return the whole log of the `worker` or `watchdog`."""
        return (self.provider.folder.paths.log / f"{which}.log").read_text()

    def wait_until(self, is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> float:
        """Wait until something is so, and return how long that took; raise AssertionError when it takes too long."""
        began = time.monotonic()
        while not is_so():
            assert time.monotonic() - began < seconds, f"waited in vain; the watchdog says:\n{self.log('watchdog')}"
            time.sleep(0.02)
        return time.monotonic() - began
