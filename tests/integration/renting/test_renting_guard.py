"""The guard: it leaves a pod that is ready, and ends one that gets nowhere or that nobody waits for; as a process of its own, too."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.server import cloud
from tests.support.registry_server import Registry
from tests.support.renter import Renter, image_of, plan

from fluxctl.errors import NotReadyError
from fluxctl.ledger import PodState
from fluxctl.pods.guarding import ABANDONED_SECONDS
from fluxctl.pods.pod import Pod
from fluxctl.providers.runpod.guard import OVERDUE_SECONDS, Guard
from fluxctl.providers.runpod.guard_process import MODULE


@dataclass
class Worker:
    """What the guard hears when it asks."""

    ready: bool = False
    progress: object = 0
    asked: list[str] = field(default_factory=list[str])

    def ask(self, pod: Pod) -> tuple[bool, object]:
        self.asked.append(pod.id)
        if self.progress is None:
            raise NotReadyError("nobody answers")
        return self.ready, self.progress


def guard_of(renter: Renter, worker: Worker) -> Guard:
    return Guard(renter.provider().tenant, renter.entries[0], worker.ask, lambda _text: None)


def leave(renter: Renter) -> None:
    """Let everybody who waits for the pod go away."""
    for file in (renter.environment().paths.state / "pods").glob("*/attended"):
        file.unlink()


def test_it_watches_while_somebody_waits(renter: Renter, server: CloudServer) -> None:
    renter.provider().create(plan(), renter.hear)
    guard = guard_of(renter, Worker())
    for _ in range(100):
        assert not guard.step()
        renter.clock.sleep(15)
    assert len(server.running) == 1


def test_it_leaves_a_pod_that_is_ready(renter: Renter, server: CloudServer) -> None:
    renter.provider().create(plan(), renter.hear)
    leave(renter)
    assert guard_of(renter, Worker(ready=True)).step()
    assert len(server.running) == 1
    assert [entry.state for entry in renter.entries] == [PodState.LIVE]


def test_it_ends_a_pod_that_nobody_waits_for(renter: Renter, server: CloudServer) -> None:
    renter.provider().create(plan(), renter.hear)
    leave(renter)
    before = renter.clock.true_now()
    guard_of(renter, Worker()).run()
    assert server.book.left == []
    assert [entry.state for entry in renter.entries] == [PodState.GONE]
    assert ABANDONED_SECONDS <= renter.clock.true_now() - before < ABANDONED_SECONDS + 120


def test_it_ends_a_pod_that_makes_no_progress_within_the_boot_grace(renter: Renter, server: CloudServer) -> None:
    renter.provider().create(plan(), renter.hear)
    before = renter.clock.true_now()
    guard_of(renter, Worker(progress=None)).run()
    assert server.book.left == []
    assert 1800 <= renter.clock.true_now() - before < 1900


def test_a_market_that_does_not_answer_makes_it_patient(renter: Renter, server: CloudServer) -> None:
    renter.provider().create(plan(), renter.hear)
    leave(renter)
    server.fault(("get", "terminate"), "502", times=60)
    guard_of(renter, Worker()).run()
    assert server.book.left == []


def test_a_market_that_never_answers_again_lets_it_leave_a_day_after_the_latest_end(renter: Renter, server: CloudServer) -> None:
    renter.provider().create(plan(), renter.hear)
    leave(renter)
    guard = guard_of(renter, Worker())
    latest = renter.entries[0].latest_end_at
    server.fault("get", "401", times=None)
    guard.run()
    assert OVERDUE_SECONDS <= renter.clock.true_now() - latest < OVERDUE_SECONDS + 600


def test_it_notes_a_pod_that_ended_by_itself(renter: Renter, server: CloudServer) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod
    renter.clock.sleep(90)
    renter.provider().api.terminate(pod.id)
    assert guard_of(renter, Worker()).step()
    assert [entry.state for entry in renter.entries] == [PodState.GONE]


@pytest.fixture
def real(registry: Registry, tmp_path: Path) -> Iterator[tuple[Renter, CloudServer]]:
    """A market whose clock is the real one, for a guard that is a process."""
    with cloud() as server:
        renter = Renter(server, None, tmp_path / "home", image_of(registry, {}))  # pyright: ignore[reportArgumentType]
        yield renter, server


_STARTER = """
import sys
from pathlib import Path
from fluxctl.environment import Environment
from fluxctl.providers.runpod.provider import RunpodProvider
from fluxctl.settings.load import load_settings
from tests.support.renter import plan
environment = Environment()
provider = RunpodProvider(environment, load_settings(environment))
def hear(progress):
    if provider.tenant.open_pods():
        print(provider.tenant.open_pods()[0].id, flush=True)
provider.create(plan(), hear)
"""


def test_it_outlives_the_fluxctl_that_started_it_and_bears_no_secret(real: tuple[Renter, CloudServer], tmp_path: Path) -> None:
    renter, server = real
    server.next_life(pull_seconds=600.0)
    home = renter.home
    home.mkdir(mode=0o700)
    key = home / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    variables = {**os.environ, **server.exports(), "FLUXCTL_HOME": str(home), "FLUXCTL_POD__IMAGE": renter.image, "SSH_KEY": str(key)}
    variables["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path, os.environ.get("PYTHONPATH", "")])
    starter = subprocess.Popen([sys.executable, "-c", _STARTER], env=variables, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pod_id = starter.stdout.readline().strip()
    assert [pod.id for pod in server.running] == [pod_id]
    (name,) = (pod.name for pod in server.running)
    log = home / "state" / "guards" / f"{name}.log"
    _until(lambda: log.exists() and f"watching {pod_id}" in log.read_text())
    guards = _guards(name)
    try:
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        starter.stdout.close()
        (guard,) = guards
        command = Path(f"/proc/{guard}/cmdline").read_text()
        assert os.getpgid(guard) == guard
        assert server.key not in command
        assert server.key not in log.read_text()
        assert Path(f"/proc/{guard}").exists()
    finally:
        for guard in guards:
            os.kill(guard, signal.SIGKILL)


def _guards(name: str) -> list[int]:
    """Return the ids of the processes that guard a pod."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and f"{MODULE}\0{name}" in (folder / "cmdline").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def _until(true: object, seconds: float = 90.0) -> None:
    latest = time.monotonic() + seconds
    while not true():  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
        assert time.monotonic() < latest
        time.sleep(0.1)
