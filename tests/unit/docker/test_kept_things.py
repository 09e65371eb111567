"""What is kept of a pod on this computer: owner id, keys, the last container."""

import io
import os
import stat
import threading
from pathlib import Path

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.link.host_key import make_host_key
from fluxctl.providers.docker.record import Record
from fluxctl.providers.pod_keys import PodFolder, PodKeys, public_half
from fluxctl.settings.owner import known_owner_id, owner_id

KEYS = PodKeys("a-token", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==")


@pytest.fixture
def world(tmp_path: Path) -> Environment:
    return Environment(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), variables={"FLUXCTL_HOME": str(tmp_path)})


def test_an_owner_id_is_made_once_in_the_config_folder(world: Environment) -> None:
    assert known_owner_id(world) is None
    made = owner_id(world)
    assert len(made) == 32 and owner_id(world) == made == known_owner_id(world)
    assert (world.paths.config / "owner_id").read_text() == f"{made}\n"
    assert stat.S_IMODE((world.paths.config / "owner_id").stat().st_mode) == 0o600
    assert not world.paths.state.exists()


def test_of_many_at_once_all_get_the_same_owner_id(world: Environment) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(owner_id(world))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8 and len(set(made)) == 1
    assert [file.name for file in world.paths.config.iterdir()] == ["owner_id"]


@pytest.mark.parametrize("content", ["", "abc\n", "g" * 32, "A" * 32])
def test_a_damaged_owner_id_is_refused_and_not_replaced(world: Environment, content: str) -> None:
    world.paths.config.mkdir(parents=True)
    (world.paths.config / "owner_id").write_text(content)
    with pytest.raises(SettingsError, match="32 hex digits"):
        owner_id(world)
    assert (world.paths.config / "owner_id").read_text() == content


def test_keys_lie_where_only_this_user_reads_them(tmp_path: Path) -> None:
    folder = PodFolder(tmp_path, "fluxctl-x-y")
    assert folder.read() is None
    folder.write(KEYS)
    assert folder.read() == KEYS
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.folder.iterdir()} == {0o600}
    folder.remove()
    assert folder.read() is None and not folder.folder.exists()
    folder.remove()


@pytest.mark.parametrize(
    ("name", "content"), [("token", b""), ("token", b"two words"), ("host_key.pub", b"ssh-rsa AAAA"), ("host_key.pub", b"\xff")]
)
def test_damaged_keys_count_as_lost(tmp_path: Path, name: str, content: bytes) -> None:
    folder = PodFolder(tmp_path, "p")
    folder.write(KEYS)
    (folder.folder / name).write_bytes(content)
    assert folder.read() is None


def test_keys_that_others_can_read_count_as_lost(tmp_path: Path) -> None:
    folder = PodFolder(tmp_path, "p")
    folder.write(KEYS)
    (folder.folder / "token").chmod(0o644)
    assert folder.read() is None


def test_the_public_half_is_read_out_of_the_private_key() -> None:
    made = make_host_key()
    assert public_half(made.private) == made.public
    for broken in ("", "x", made.private[:200], made.private.replace("b3BlbnNzaC1rZXktdjE", "A" * 19)):
        assert public_half(broken) != made.public


def test_the_last_container_is_remembered_and_forgotten(tmp_path: Path) -> None:
    record = Record(tmp_path / "state")
    assert record.pod_id() is None
    record.note(None)
    assert not (tmp_path / "state").exists()
    record.note("fluxctl-a-b")
    assert record.pod_id() == "fluxctl-a-b"
    record.note(None)
    assert record.pod_id() is None


@pytest.mark.parametrize("content", ["{", "[]", '{"pod_id": 5}', "\udcff"])
def test_a_damaged_record_makes_that_docker_is_asked(tmp_path: Path, content: str) -> None:
    record = Record(tmp_path)
    record.note("x")
    (tmp_path / "pods" / "docker.json").write_bytes(os.fsencode(content))
    assert record.pod_id() == ""
