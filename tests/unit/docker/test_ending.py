"""Ending containers: what goes wrong with one of them keeps none of the others alive."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import NotConfirmedError, ProviderError
from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.providers.docker.ending import Ending
from fluxctl.providers.pod_keys import PodFolder, PodKeys

KEYS = PodKeys("a-token", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==")


@dataclass
class Engine:
    """An engine without containers, which refuses questions about some of them."""

    refuses: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list[str])

    def look(self, path: str) -> None:
        self.asked.append(path)
        if any(name in path for name in self.refuses):
            raise ProviderError("Docker refused a question")


@pytest.fixture
def world(tmp_path: Path) -> Environment:
    return Environment(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), variables={"FLUXCTL_HOME": str(tmp_path)})


def ending(world: Environment, engine: Engine) -> Ending:
    return Ending(world, cast("Any", engine), "a" * 32)


def test_a_connection_that_cannot_be_closed_is_no_reason_to_keep_a_dead_pods_keys(
    world: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object) -> None:
        raise WorkerUnreachableError("another fluxctl has been connecting for 10 s")

    monkeypatch.setattr("fluxctl.link.remote.disconnect", held)
    folder = PodFolder(world.paths.state, "one")
    folder.write(KEYS)
    ending(world, Engine()).end("one")
    assert not folder.folder.exists()


def test_every_container_is_tried_and_the_first_trouble_is_told(world: Environment) -> None:
    engine = Engine(refuses=("one", "two"))
    with pytest.raises(NotConfirmedError, match="the container one cannot be known to be gone"):
        ending(world, engine).end_all(["one", "two", "three"])
    assert engine.asked == [f"/containers/{name}/json" for name in ("one", "two", "three")]
