"""Pictures that lie finished on a network volume, whose pod is gone: `fetch` rents nothing, the next `up` or `gen` brings them home."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.play import image_labels
from tests.cloud.server import PROCESSES, cloud
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell, wait_until

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()), reason="pods as processes need root and sshd"
)


@pytest.fixture
def server() -> Iterator[CloudServer]:
    with cloud(PROCESSES) as server:
        yield server


@pytest.fixture
def shell(server: CloudServer, tmp_path: Path) -> Iterator[Shell]:
    """Somebody with a network volume, on which a pod that is gone has left two finished pictures."""
    with Registry() as registry:
        shell = Shell(tmp_path / "home")
        shell.variables |= {
            **server.exports(),
            "FLUXCTL_POD__IMAGE": image_of(registry, image_labels(PROCESSES)),
            "FLUXCTL_GENERATE__MODEL": "embedded",
            "FLUXCTL_RUNPOD__VOLUME_ID": server.add_volume("flux", 80, "EU-RO-1").id,
        }
        assert shell.type("ssh", "--make-key").code == 0
        leave_two_pictures(shell, server)
        yield shell


def leave_two_pictures(shell: Shell, server: CloudServer) -> None:
    """Order two pictures, lose the laptop, let the pod finish them and end."""
    up = shell.type("up", "--yes")
    assert up.code == 0, up.err
    command = shell.start("gen", "a blue ring", "--count", "2", "--seed", "5")
    wait_until(lambda: began_in(cast(Any, server.market.tier).host.base))
    os.kill(command.pid, signal.SIGKILL)
    command.communicate()
    assert shell.pictures == []
    wait_until(lambda: not shell.type("status", "--json").document["worker"]["busy"], 180)
    with server.market.lock:
        server.market.terminate(server.pods[up.out.strip()], "Terminated by RunPod")
    server.date_error_seconds = 120.0  # a pod that was just rented is not believed to be gone


def began_in(folder: Path) -> bool:
    """Whether the worker of a pod in this folder has begun a job."""
    return any("attempt 1" in log.read_text() for log in folder.glob("*/r/var/log/fluxpod/worker.log"))


def test_fetch_says_where_they_are_and_rents_nothing_and_up_brings_them(shell: Shell, server: CloudServer) -> None:
    fetched = shell.type("fetch", "--json")
    assert (fetched.code, fetched.document["error"]["code"]) == (6, "pod_gone")
    assert "fluxctl up rents a pod on that volume" in fetched.err
    assert (len(server.pods), shell.pictures) == (1, [])
    up = shell.type("up", "--yes")
    assert up.code == 0, up.err
    assert [path.name for path in shell.pictures] == ["0001_a-blue-ring_5.png", "0002_a-blue-ring_6.png"]
    assert up.err.count("(ordered earlier)") == 2
    assert up.out.strip() in server.pods
    assert "nothing to fetch" in shell.type("fetch").err
    assert shell.type("down").code == 0


def test_gen_that_rents_brings_them_too_and_prints_only_its_own(shell: Shell, server: CloudServer) -> None:
    made = shell.type("gen", "a red disc", "--seed", "9", "--yes")
    assert made.code == 0, made.err
    assert len(shell.pictures) == 3
    assert [path.name for path in made.paths] == ["0003_a-red-disc_9.png"]
    assert made.err.count("(ordered earlier)") == 2
    assert len(server.pods) == 2
    assert shell.type("down").code == 0
    assert not server.running
