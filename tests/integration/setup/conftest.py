"""Somebody who begins: an empty home, a RunPod, a hub, a Claude and a registry on this machine, and no key set anywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.server import cloud
from tests.support.hub_server import TOKEN, Hub
from tests.support.messages_server import KEY, MessagesServer, messages_server
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell, Typed

from fluxctl.providers.docker.labels import CUDA_FLOOR

VOLUME = ("--volume", "new", "--yes")


def at_once(_seconds: float) -> None:
    """Sleep as nobody has to wait for."""


@dataclass
class Beginner:
    """A person, and everything that they could have an account with."""

    shell: Shell
    runpod: CloudServer
    hub: Hub
    claude: MessagesServer
    image: str

    def keys(self, **instead: str) -> str:
        """Return the text of a secrets file; "" leaves a key out."""
        usual = {"RUNPOD_API_KEY": self.runpod.key, "HF_TOKEN": TOKEN, "ANTHROPIC_API_KEY": KEY}
        return "".join(f"{name}={value}\n" for name, value in {**usual, **instead}.items() if value)

    def init(self, *words: str, stdin: str | None = None, **more: Any) -> Typed:
        """Type `fluxctl init` with keys on stdin."""
        return self.shell.type("init", "--secrets-file", "-", *words, "--json", stdin=self.keys() if stdin is None else stdin, **more)

    def begin(self) -> Typed:
        """Set everything up."""
        typed = self.init("--image", self.image, *VOLUME)
        assert typed.code == 0, typed.err
        return typed

    @property
    def config_env(self) -> Path:
        return self.shell.config / "config.env"

    @property
    def config_yaml(self) -> str:
        path = self.shell.config / "config.yaml"
        return path.read_text() if path.exists() else ""

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.runpod.key, TOKEN, KEY)


@pytest.fixture(scope="session")
def pod_image() -> Iterator[str]:
    with Registry() as registry:
        yield image_of(registry, {CUDA_FLOOR: "12.4"})


@pytest.fixture
def somebody(tmp_path: Path, pod_image: str) -> Iterator[Beginner]:
    (tmp_path / "user").mkdir()
    with cloud() as runpod, Hub() as hub, messages_server() as claude:
        shell = Shell(tmp_path / "home")
        shell.variables |= {
            **runpod.addresses(),
            "HF_ENDPOINT": hub.url,
            "ANTHROPIC_BASE_URL": claude.url,
            "HOME": str(tmp_path / "user"),
        }
        shell.config.chmod(0o700)
        yield Beginner(shell, runpod, hub, claude, pod_image)


def steps(typed: Typed) -> dict[str, str]:
    """Return step → result."""
    return {step["name"]: step["result"] for step in typed.document["steps"]}


def checks(typed: Typed) -> dict[str, dict[str, Any]]:
    """Return check → what it found, the first of each name."""
    found: dict[str, dict[str, Any]] = {}
    for check in typed.document["checks"]:
        found.setdefault(check["name"], check)
    return found


Result = Callable[[Typed], dict[str, str]]
