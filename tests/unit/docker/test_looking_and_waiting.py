"""Looking writes nothing, and whoever waits for another fluxctl is told so."""

import fcntl
import io
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError
from fluxctl.pods.pod import Pod
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.docker.provider import LOCK_PATIENCE_SECONDS, DockerProvider
from fluxctl.services.shut_down import end_pod
from fluxctl.settings.model import Docker
from fluxctl.settings.owner import known_owner_id, owner_id
from fluxpod.pod_contract import Limits


@dataclass
class Link:
    """No key is needed."""

    ssh_key: str | None = None


class Clock:
    """Time that passes with every sleep."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.25)


POD = Pod("one", "docker", 1.0, "embedded", "embedded", Limits())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Environment:
    return Environment(
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        variables={"FLUXCTL_HOME": str(tmp_path), "DOCKER_HOST": "unix:///tmp/no-such-folder/docker.sock"},
        monotonic=clock.monotonic,
        sleep=clock.sleep,
    )


def provider_in(world: Environment, volume: str | None = None) -> DockerProvider:
    settings = Docker(gpu="none", network="bridge", volume=volume)
    return DockerProvider(world, settings, "fluxctl-pod:1", Link())  # pyright: ignore[reportArgumentType]


@contextmanager
def held(provider: DockerProvider) -> Generator[None]:
    """Another fluxctl starts the container."""
    with provider.record.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_down_of_somebody_who_never_had_a_container_writes_nothing(world: Environment) -> None:
    ended = end_pod(world, provider_in(world), lambda _client: None, lambda _progress: None)
    assert (ended.anything, ended.volume) == (False, "")
    assert known_owner_id(world) is None
    assert not world.paths.config.exists() and not world.paths.state.exists()


def test_the_plan_names_the_volume_where_it_has_a_name(world: Environment) -> None:
    assert "volume of your own" in provider_in(world).place()
    assert "volume mine " in provider_in(world, "mine").place()
    assert known_owner_id(world) is None
    owner = owner_id(world)
    assert provider_in(world).volume == f"fluxctl-{owner[:8]}"


def test_whoever_waits_to_end_a_container_is_told(world: Environment, clock: Clock) -> None:
    provider, reports = provider_in(world), list[Progress]()
    with held(provider), pytest.raises(NotReadyError, match="another fluxctl"):
        provider.end(POD, reports.append)
    assert {report.stage for report in reports} == {Stage.WAITING}
    assert clock.now > LOCK_PATIENCE_SECONDS


def test_tidying_waits_for_nobody(world: Environment, clock: Clock) -> None:
    provider = provider_in(world)
    provider.record.note("one")
    with held(provider):
        assert provider.tidy() is False
    assert 1.0 < clock.now < 2.0
