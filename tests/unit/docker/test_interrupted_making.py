"""A container whose making is interrupted is taken back, or stays on record to be looked for."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError
from fluxctl.pods.pod import PodPlan
from fluxctl.providers.docker.engine import Engine
from fluxctl.providers.docker.images import PodImage
from fluxctl.providers.docker.making import Making
from fluxctl.providers.docker.record import Record
from fluxctl.settings.model import Docker
from fluxpod.pod_contract import Limits

docker_errors = pytest.importorskip("docker.errors")


@dataclass
class Api:
    """The SDK's calls, each of which says what is on record while it runs."""

    record: Record
    start_problem: BaseException | None
    remove_problem: Exception | None = None
    on_record: dict[str, str | None] = field(default_factory=dict[str, "str | None"])

    def create_volume(self, name: str, labels: object) -> None:
        """It is there."""

    def create_container_from_config(self, body: object, name: str) -> None:
        self.on_record["create"] = self.record.pod_id()
        self.on_record["made"] = name

    def start(self, name: str) -> None:
        if self.start_problem:
            raise self.start_problem

    def remove_container(self, name: str, *, force: bool, v: bool) -> None:
        self.on_record["remove"] = self.record.pod_id()
        if self.remove_problem:
            raise self.remove_problem


@pytest.fixture
def world(tmp_path: Path) -> Environment:
    return Environment(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), variables={"FLUXCTL_HOME": str(tmp_path)})


def no_containers(*_: object) -> list[object]:
    return []


def make(world: Environment, api: Api) -> str:
    engine = Engine(world, "/no/such/docker.sock", [SimpleNamespace(api=api)])
    engine.__dict__["look"] = no_containers
    engine.__dict__["info"] = {}
    making = Making(world, engine, Docker(gpu="none", network="bridge", volume=None), "a" * 32)
    image = PodImage("fluxctl-pod:1", "sha256:1", "amd64", {})
    return making.make(PodPlan("embedded", "embedded", Limits(), 10, 1000.0, None), image, "ssh-ed25519 AAAA", lambda _progress: None)


def test_a_container_is_on_record_before_it_exists(world: Environment) -> None:
    record = Record(world.paths.state)
    api = Api(record, None)
    made = make(world, api)
    assert made == api.on_record["create"] == api.on_record["made"] == record.pod_id()


@pytest.mark.parametrize("problem", [None, docker_errors.NotFound("no such container")], ids=["removed", "never made"])
def test_one_that_was_taken_back_is_not_looked_for(world: Environment, problem: Exception | None) -> None:
    record = Record(world.paths.state)
    api = Api(record, KeyboardInterrupt(), problem)
    with pytest.raises(KeyboardInterrupt):
        make(world, api)
    assert api.on_record["remove"] == api.on_record["made"]
    assert record.pod_id() is None


def test_one_that_could_not_be_taken_back_stays_on_record(world: Environment) -> None:
    record = Record(world.paths.state)
    api = Api(record, docker_errors.APIError("no"), docker_errors.APIError("no again"))
    with pytest.raises(ProviderError, match="cannot be started"):
        make(world, api)
    assert record.pod_id() == api.on_record["made"]
