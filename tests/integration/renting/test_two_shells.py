"""Two shells at once, two computers with one account, a ledger that is lost, a key of another account: as a person types it."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.play import image_labels
from tests.cloud.server import PROCESSES, cloud
from tests.support.guards import guards_of, no_guard_left
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell, Typed, wait_until

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()), reason="pods as processes need root and sshd"
)
FASTER = 30


@pytest.fixture
def server() -> Iterator[CloudServer]:
    with cloud(PROCESSES) as server:
        yield server


@pytest.fixture
def shell(server: CloudServer, registry: Registry, tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path / "desk")
    image = image_of(registry, image_labels(PROCESSES))
    shell.variables |= {**server.exports(), "FLUXCTL_POD__IMAGE": image, "FLUXCTL_GENERATE__MODEL": "embedded"}
    assert shell.type("ssh", "--make-key").code == 0
    with no_guard_left(shell.home):
        yield shell


def laptop_of(shell: Shell, home: Path) -> Shell:
    """Return the same person's other computer: the same settings and key, a state of its own."""
    shutil.copytree(shell.config, home / "config")
    return Shell(home, {name: value for name, value in shell.variables.items() if name != "FLUXCTL_HOME"})


def down(shell: Shell, *words: str) -> Typed:
    """Type `down` where time passes faster: a minute after the order has to be over."""
    return shell.type("down", *words, monotonic=lambda: FASTER * time.monotonic(), sleep=_sleep_less)


def _sleep_less(seconds: float) -> None:
    time.sleep(seconds / FASTER)


def test_two_ups_at_the_same_time_rent_one_pod(shell: Shell, server: CloudServer) -> None:
    commands = [shell.start("up", "--yes") for _ in range(2)]
    outcomes = [command.communicate(timeout=200) for command in commands]
    assert [command.returncode for command in commands] == [0, 0], outcomes
    (pod,) = server.pods.values()
    assert [out.strip() for out, _ in outcomes] == [pod.id, pod.id]
    assert sum("was running already" in err for _, err in outcomes) == 1
    wait_until(lambda: not guards_of(shell.home))
    assert down(shell).code == 0
    assert server.book.left == []


def test_another_computers_pod_is_used_named_and_ended_only_by_down_all(shell: Shell, server: CloudServer, tmp_path: Path) -> None:
    assert shell.type("up", "--yes").code == 0
    laptop = laptop_of(shell, tmp_path / "laptop")
    (pod,) = server.running
    up = laptop.type("up", "--json")
    assert (up.code, up.document["pod"]["id"], up.document["started"]) == (0, pod.id, False)
    plain = down(laptop)
    assert plain.code == 0
    assert pod.id in plain.err
    assert "fluxctl down --all ends it" in plain.err
    assert [one.id for one in server.running] == [pod.id]
    assert guards_of(laptop.home) == []
    assert down(laptop, "--all", "--yes").code == 0
    assert server.book.left == []
    assert down(shell).code == 0
    assert len(server.book) == 1


@pytest.mark.parametrize("damage", ["deleted", "corrupt"])
def test_a_lost_ledger_loses_no_pod(shell: Shell, server: CloudServer, damage: str) -> None:
    assert shell.type("up", "--yes").code == 0
    (pod,) = server.running
    for file in (shell.home / "state").glob("ledger.db*"):
        file.unlink() if damage == "deleted" else file.write_bytes(b"no database, and long enough to be taken for a broken one" * 99)
    again = shell.type("up", "--json")
    assert (again.code, again.document["pod"]["id"], again.document["started"]) == (0, pod.id, False)
    plain = down(shell)
    assert pod.id in plain.err
    assert [one.id for one in server.running] == [pod.id]
    assert down(shell, "--all", "--yes").code == 0
    assert server.book.left == []
    assert len(server.book) == 1


def test_a_key_of_another_account_neither_ends_nor_forgets_nor_rents(shell: Shell, server: CloudServer) -> None:
    assert shell.type("up", "--yes").code == 0
    (pod,) = server.running
    mine = shell.variables["RUNPOD_API_KEY"]
    shell.variables["RUNPOD_API_KEY"] = server.add_key(account=server.add_account("other"))
    for words, code in ((["up", "--yes"], 4), (["gen", "a fox"], 4), (["down"], 8), (["status"], None), (["sweep", "--apply"], None)):
        typed = shell.type(*words, now=lambda: time.time() + 120.0)
        assert typed.code == code or code is None, (words, typed.err)
        assert "another account" in typed.err + typed.out, words
        assert [one.id for one in server.running] == [pod.id]
    shell.variables["RUNPOD_API_KEY"] = mine
    assert down(shell).code == 0
    assert server.book.left == []
    assert len(server.book) == 1
