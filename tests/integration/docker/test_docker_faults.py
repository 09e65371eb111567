"""What is said when Docker, or what it has, is not as it should be: a real engine, or none at all."""

import io
import os
import shutil
import socket
import tarfile
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.docker_engine import Container, docker
from tests.support.shell import Shell, Typed

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError
from fluxctl.providers.docker.engine import Engine
from fluxctl.providers.docker.images import ready_image
from fluxctl.providers.docker.record import Record
from fluxctl.providers.free_ports import free_ports
from fluxctl.settings.owner import owner_id

NOWHERE = "unix:///tmp/no-such-folder/docker.sock"


@pytest.fixture
def shell() -> Iterator[Shell]:
    """Somebody whose container, should there be one, is removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="fl-", dir="/tmp"))
    shell = Shell(home, {"HOME": str(home), "FLUXCTL_DOCKER__NETWORK": "host"})
    yield shell
    shell.variables.pop("DOCKER_HOST", None)
    shell.type("down", "--provider", "docker")
    owner = shell.config / "owner_id"
    if owner.exists() and shutil.which("docker"):
        docker("volume", "rm", "--force", f"fluxctl-{owner.read_text()[:8]}", check=False)
    shutil.rmtree(home, ignore_errors=True)


def up(shell: Shell, **variables: str) -> Typed:
    shell.variables |= variables
    return shell.type("up", "--provider", "docker", "--json")


def refusal(typed: Typed) -> str:
    """The error's code, after checking that the person learns what, why and what to type."""
    assert typed.code == 4, typed.err
    assert typed.document["error"]["hint"]
    assert "Traceback" not in typed.err
    return typed.document["error"]["code"]


@pytest.fixture
def local_image(docker_engine: None) -> Iterator[Callable[..., str]]:
    """Imports a tiny image that cannot do anything."""
    made: list[str] = []

    def make(*changes: str) -> str:
        name = f"fluxctl-test-{uuid.uuid4().hex[:8]}:1"
        folder = io.BytesIO()
        with tarfile.open(fileobj=folder, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("nothing"))
        file = Path(tempfile.mkstemp(suffix=".tar")[1])
        file.write_bytes(folder.getvalue())
        words = [word for change in changes for word in ("--change", change)]
        docker("import", *words, str(file), name)
        file.unlink()
        made.append(name)
        return name

    yield make
    for name in made:
        docker("rmi", "--force", name, check=False)


def test_docker_that_is_not_running_is_said(shell: Shell, tmp_path: Path) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "docker").touch(mode=0o755)
    typed = up(shell, DOCKER_HOST=NOWHERE, PATH=str(commands))
    assert refusal(typed) == "docker_not_running"
    assert "start docker" in typed.err


def test_docker_that_is_not_installed_is_said(shell: Shell, tmp_path: Path) -> None:
    typed = up(shell, DOCKER_HOST=NOWHERE, PATH=str(tmp_path))
    assert refusal(typed) == "docker_not_installed"


def test_a_socket_that_nobody_answers_on_is_an_engine_that_does_not_run(shell: Shell) -> None:
    path = shell.home / "docker.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert refusal(up(shell, DOCKER_HOST=f"unix://{path}")) in ("docker_not_running", "docker_not_installed")


def test_an_engine_on_another_machine_is_refused(shell: Shell) -> None:
    for address in ("tcp://192.0.2.1:2375", "ssh://somebody@192.0.2.1"):
        typed = up(shell, DOCKER_HOST=address)
        assert refusal(typed) == "docker_elsewhere"
        assert "DOCKER_HOST" in typed.err


@pytest.mark.parametrize("command", [("status",), ("logs",), ("down",), ("jobs",), ("gen", "a", "--dry-run")])
def test_commands_that_use_no_container_do_not_miss_docker(shell: Shell, command: tuple[str, ...]) -> None:
    shell.variables["DOCKER_HOST"] = NOWHERE
    typed = shell.type(*command)
    assert typed.code == 0, typed.err


def test_a_container_of_yesterday_does_not_keep_this_computer_from_working(shell: Shell) -> None:
    Record(shell.home / "state").note("fluxctl-aaaaaaaa-bbbbbb")
    shell.variables["DOCKER_HOST"] = NOWHERE
    typed = shell.type("gen", "a", "--dry-run", "--json")
    assert (typed.code, typed.document["provider"]) == (0, "local")
    assert "what runs at docker is not known: Docker is not" in typed.err


def test_a_container_on_record_that_cannot_be_asked_for_is_never_called_gone(shell: Shell) -> None:
    Record(shell.home / "state").note("fluxctl-aaaaaaaa-bbbbbb")
    shell.variables["DOCKER_HOST"] = NOWHERE
    for command, code in (("down", 8), ("status", 4)):
        typed = shell.type(command, "--json")
        assert typed.code == code, typed.err
        assert typed.document["error"]["code"] in ("docker_not_running", "docker_not_installed")
        assert typed.document["error"]["hint"] and "nothing is running" not in typed.err
        assert shell.type(command, "--provider", "local").code == 0


def test_an_image_that_was_never_built_is_said(shell: Shell, docker_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluxctl.__version__", "0.0.0.never")
    typed = up(shell)
    assert refusal(typed) == "image_missing"
    assert "make image" in typed.err


def test_an_image_that_cannot_be_pulled_is_said(shell: Shell, docker_engine: None) -> None:
    typed = up(shell, FLUXCTL_POD__IMAGE="127.0.0.1:9/nobody/fluxctl-pod:1")
    assert refusal(typed) == "docker_refused"
    assert "cannot be pulled" in typed.err and "fluxctl image check 127.0.0.1:9/nobody/fluxctl-pod:1" in typed.err


def test_an_image_for_another_processor_is_refused(shell: Shell, local_image: Callable[..., str]) -> None:
    name = local_image()
    there = docker("image", "inspect", "--format", "{{.Architecture}}", name).stdout.strip()
    environment = world_of(shell)
    engine = Engine(environment)
    engine.__dict__["info"] = {"Architecture": "riscv64"}
    with pytest.raises(ProviderError, match=f"is for {there}, and Docker here runs riscv64"):
        ready_image(engine, name, lambda _progress: None, environment.monotonic)


def world_of(shell: Shell) -> Environment:
    return Environment(variables=shell.variables, working_folder=shell.work)


def test_an_image_that_cannot_start_leaves_no_container(shell: Shell, local_image: Callable[..., str]) -> None:
    typed = up(shell, FLUXCTL_POD__IMAGE=local_image('ENTRYPOINT ["/no/such/program"]'))
    assert refusal(typed) == "docker_refused"
    owner = (shell.config / "owner_id").read_text().strip()
    assert docker("ps", "--all", "--quiet", "--filter", f"label=ai.fluxctl.owner={owner}").stdout == ""
    assert not [path for path in (shell.home / "state" / "pods").iterdir() if path.is_dir()]


def test_a_volume_that_somebody_else_uses_is_refused(shell: Shell, volume: str, container: Callable[..., Container]) -> None:
    other = container(command=["sleep", "600"], options=["--volume", f"{volume}:/data"]).start()
    typed = up(shell, FLUXCTL_DOCKER__VOLUME=volume, FLUXCTL_POD__IMAGE=os.environ.get("TEST_POD_IMAGE", "fluxctl-pod:cpu"))
    assert refusal(typed) == "volume_in_use"
    assert other.name in typed.err
    assert other.is_running


def test_nobody_elses_container_is_ended(shell: Shell, container: Callable[..., Container]) -> None:
    other = container(
        command=["sleep", "600"], options=["--label", "ai.fluxctl.owner=" + "f" * 32, "--label", "ai.fluxctl.pod-id=x"]
    ).start()
    owner_id(world_of(shell))
    assert shell.type("down", "--provider", "docker").code == 0
    assert other.is_running


def test_two_free_ports_are_two() -> None:
    assert len(set(free_ports(5))) == 5
