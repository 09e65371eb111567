"""The guard as a real process, once the fluxctl that ordered was killed: it ends a pod that gets nowhere, and leaves a ready one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.play import image_labels
from tests.cloud.server import PROCESSES, cloud
from tests.support.guards import guard_log, guards_of, no_guard_left
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell, wait_until

from fluxctl.ledger import Ledger, PodState

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()), reason="pods as processes need root and sshd"
)
GRACE_SECONDS = 8
SLOW_SECONDS = 180.0
"""For a computer under load."""


@pytest.fixture
def server() -> Iterator[CloudServer]:
    with cloud(PROCESSES) as server:
        yield server


@pytest.fixture
def shell(server: CloudServer, registry: Registry, tmp_path: Path) -> Iterator[Shell]:
    """Somebody whose pods have seconds to get ready."""
    shell = Shell(tmp_path / "home")
    shell.variables |= {
        **server.exports(),
        "FLUXCTL_POD__IMAGE": image_of(registry, image_labels(PROCESSES)),
        "FLUXCTL_GENERATE__MODEL": "embedded",
        "FLUXCTL_POD__BOOT_GRACE_SECONDS": str(GRACE_SECONDS),
    }
    assert shell.type("ssh", "--make-key").code == 0
    with no_guard_left(shell.home):
        yield shell


def killed_after_create(shell: Shell, server: CloudServer) -> None:
    """Begin an `up` and kill it as soon as RunPod has made the pod."""
    with ExitStack() as stack:
        command = started(shell, stack)
        wait_until(lambda: server.pods, SLOW_SECONDS)
        command.kill()


def started(shell: Shell, stack: ExitStack) -> "subprocess.Popen[str]":
    command = stack.enter_context(shell.start("up", "--yes"))
    stack.callback(command.kill)
    return command


def states(shell: Shell) -> list[PodState]:
    with Ledger(shell.home / "state" / "ledger.db", lambda: 0.0) as ledger:
        return [pod.state for pod in ledger.rentals.pods()]


def test_a_pod_that_never_gets_ready_is_ended_when_its_fluxctl_was_killed(shell: Shell, server: CloudServer) -> None:
    server.next_life(pull_seconds=6000.0)
    killed_after_create(shell, server)
    wait_until(lambda: not server.running, SLOW_SECONDS)
    (entry,) = server.book
    assert entry.gone_at is not None
    assert GRACE_SECONDS <= entry.gone_at - entry.created_at < GRACE_SECONDS + SLOW_SECONDS
    assert server.key not in guard_log(shell.home)
    assert states(shell) == [PodState.ENDING]


def test_a_fluxctl_that_is_killed_before_it_hears_of_its_pod_leaves_it_to_the_guard(shell: Shell, server: CloudServer) -> None:
    server.next_life(pull_seconds=6000.0)
    with ExitStack() as stack:
        commands: list[subprocess.Popen[str]] = []
        server.fault("create", "timeout_after_effect", then=lambda: commands[0].kill())
        commands.append(started(shell, stack))
        wait_until(lambda: commands[0].poll() is not None, SLOW_SECONDS)
    assert len(server.running) == 1
    wait_until(lambda: not server.running, SLOW_SECONDS)
    assert "is gone: it is looked for" in guard_log(shell.home)
    assert len(server.book) == 1
    assert states(shell) == [PodState.ENDING]


def test_a_market_that_fails_for_a_while_only_delays_the_guard(shell: Shell, server: CloudServer) -> None:
    server.next_life(pull_seconds=6000.0)
    with ExitStack() as stack:
        command = started(shell, stack)
        wait_until(lambda: server.pods, SLOW_SECONDS)
        fault = server.fault("any", "502", times=12)
        command.kill()
    wait_until(lambda: not server.running, SLOW_SECONDS)
    assert fault.happened == 12


def test_the_guard_leaves_a_pod_that_gets_ready_without_its_fluxctl(shell: Shell, server: CloudServer) -> None:
    shell.variables["FLUXCTL_POD__BOOT_GRACE_SECONDS"] = "120"
    killed_after_create(shell, server)
    wait_until(lambda: "it is ready" in guard_log(shell.home), SLOW_SECONDS)
    wait_until(lambda: not guards_of(shell.home), SLOW_SECONDS)
    assert len(server.running) == 1
    again = shell.type("up", "--json")
    assert again.document["pod"]["id"] == server.running[0].id
    assert again.document["started"] is False
    assert not guards_of(shell.home)


def test_a_second_up_joins_a_loading_pod_and_gives_it_a_guard_again(shell: Shell, server: CloudServer) -> None:
    shell.variables["FLUXCTL_POD__BOOT_GRACE_SECONDS"] = "120"
    with ExitStack() as stack:
        command = started(shell, stack)
        wait_until(lambda: server.pods and all(pod.gone_at is None for pod in server.pods.values()) and guards_of(shell.home), SLOW_SECONDS)
        command.kill()
    with no_guard_left(shell.home):
        pass
    assert not guards_of(shell.home)
    with ExitStack() as stack:
        started(shell, stack)
        wait_until(lambda: guards_of(shell.home), SLOW_SECONDS)
        wait_until(lambda: "it is ready" in guard_log(shell.home), SLOW_SECONDS)
    assert len(server.book) == 1
