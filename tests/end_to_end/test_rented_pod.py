"""A whole session at a RunPod on this computer: real GraphQL or REST, a real entrypoint and worker, real SSH; and what ends without it."""

import os
import shutil
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.play import image_labels
from tests.cloud.server import CONTAINERS, PROCESSES, cloud
from tests.support.docker_engine import docker
from tests.support.guards import guards_of, no_guard_left
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell, wait_until

TRANSPORTS = ("graphql", "rest")
PATIENCE_SECONDS = 200.0
of_processes = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()), reason="pods as processes need root and sshd"
)


@contextmanager
def rented(tier: str, home: Path, transport: str) -> Generator[tuple[Shell, CloudServer]]:
    """Yield somebody with a key of the platform's, and the platform."""
    with no_guard_left(home), Registry() as registry, cloud(tier) as server:
        shell = Shell(home)
        shell.variables |= {
            **server.exports(),
            "FLUXCTL_POD__IMAGE": image_of(registry, image_labels(tier)),
            "FLUXCTL_GENERATE__MODEL": "embedded",
            "FLUXCTL_RUNPOD__TRANSPORT": transport,
        }
        assert shell.type("ssh", "--make-key").code == 0
        yield shell, server


def a_session(shell: Shell, server: CloudServer, transport: str) -> None:
    """Rent, draw, look, and give back."""
    up = shell.type("up", "--yes")
    assert up.code == 0, up.err
    for stage in ("plan     1. NVIDIA L40S", "pod      rented", "pod      connected", "so far", "ready    embedded", "costs    $0.86/h"):
        assert stage in up.err
    made = shell.type("gen", "a blue ring on a white background", "--json")
    assert made.code == 0, made.err
    assert made.document["cost_usd"] > 0
    again = shell.type("up", "--json")
    assert (again.code, again.document["started"], again.document["pod"]["id"]) == (0, False, up.out.strip())
    before = len(server.calls)
    status = shell.type("status", "--json").document
    assert len(server.calls) - before <= 2
    assert (status["worker"]["phase"], status["rental"]["gpu_type"], status["watchdog"]["alive"]) == ("ready", "NVIDIA L40S", True)
    down = shell.type("down")
    assert down.code == 0, down.err
    assert "it cost $" in down.err
    assert not server.running
    assert len(server.pods) == 1
    assert {call.via for call in server.called("create", "terminate") if not call.agent.startswith("fluxpod")} == {transport}


@of_processes
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_up_gen_status_and_down_rent_one_pod_and_end_it(tmp_path: Path, transport: str) -> None:
    with rented(PROCESSES, tmp_path / "home", transport) as (shell, server):
        a_session(shell, server, transport)


@pytest.mark.usefixtures("pod_image")
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_up_gen_status_and_down_rent_a_container_of_the_real_image(tmp_path: Path, transport: str) -> None:
    with rented(CONTAINERS, tmp_path / "home", transport) as (shell, server):
        a_session(shell, server, transport)
        assert containers_of(server) == []


@pytest.mark.usefixtures("pod_image")
def test_the_guard_ends_a_container_that_nobody_can_reach_when_the_command_was_killed(tmp_path: Path) -> None:
    with rented(CONTAINERS, tmp_path / "home", "auto") as (shell, server):
        shell.variables["FLUXCTL_POD__BOOT_GRACE_SECONDS"] = "20"
        server.next_life(schedule_seconds=0.2, pull_seconds=0.8, gives_port=False)
        up = shell.start("up", "--yes")
        try:
            wait_until(lambda: containers_of(server), PATIENCE_SECONDS)
        finally:
            up.send_signal(signal.SIGKILL)
            up.communicate()
        wait_until(lambda: not server.running, PATIENCE_SECONDS)
        ended_by = [call for call in server.called("terminate") if not call.agent.startswith("fluxpod")]
        assert ended_by, "the container's own watchdog was first: nothing is shown of the guard"
        wait_until(lambda: not containers_of(server), PATIENCE_SECONDS)
        wait_until(lambda: not guards_of(shell.home), PATIENCE_SECONDS)  # once RunPod has confirmed it
        assert len(server.pods) == 1


def containers_of(server: CloudServer) -> list[str]:
    """Return the names of the containers that the platform's pods are."""
    names = docker("ps", "--all", "--format", "{{.Names}}").stdout.split()
    return [name for name in names if any(pod_id in name for pod_id in server.pods)]
