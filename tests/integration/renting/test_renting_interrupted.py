"""Ctrl-C in each phase of `fluxctl up`: what still costs money is said with how to end it, the ledger knows it, and a guard watches."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.play import image_labels
from tests.cloud.server import PROCESSES, SIMULATED, cloud
from tests.support.guards import guard_log, guards_of, no_guard_left
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell, Typed, wait_until

from fluxctl.ledger import IntentState, Ledger, PodState

FASTER = 30
"""So much faster time passes for a command that only waits for a minute to be over."""
HELD_SECONDS = 40.0
"""For which a call hangs that is interrupted."""


@dataclass
class Person:
    """Somebody at a terminal."""

    shell: Shell
    server: CloudServer

    def interrupted_at(self, said: str) -> Typed:
        """Type `up`, and Ctrl-C as soon as it has said something."""
        command = self.shell.start("up", "--yes")
        assert command.stderr is not None
        seen = ""
        for line in command.stderr:
            seen += line
            if said in line:
                break
        return self.ctrl_c(command, seen)

    def ctrl_c(self, command: "subprocess.Popen[str]", seen: str = "") -> Typed:
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=60)
        assert "Traceback" not in err
        assert command.returncode == 130, seen + err
        return Typed(("up",), command.returncode, out, seen + err)

    def ends_everything(self) -> None:
        """Type `down`: nothing is left."""
        down = self.shell.type("down", monotonic=lambda: FASTER * time.monotonic(), sleep=_sleep_less)
        assert down.code == 0, down.err
        assert self.server.book.left == []

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.shell.home / "state" / "ledger.db", time.time)


def _sleep_less(seconds: float) -> None:
    time.sleep(seconds / FASTER)


@contextmanager
def person(tier: str, registry: Registry, home: Path) -> Generator[Person]:
    with cloud(tier) as server, no_guard_left(home):
        shell = Shell(home)
        image = image_of(registry, image_labels(PROCESSES))
        shell.variables |= {**server.exports(), "FLUXCTL_POD__IMAGE": image, "FLUXCTL_GENERATE__MODEL": "embedded"}
        assert shell.type("ssh", "--make-key").code == 0
        yield Person(shell, server)


def test_before_the_order_nothing_costs(registry: Registry, tmp_path: Path) -> None:
    with person(SIMULATED, registry, tmp_path / "home") as me:
        me.server.fault("offers", "timeout", seconds=HELD_SECONDS)
        command = me.shell.start("up", "--yes")
        wait_until(lambda: me.server.called("offers"))
        typed = me.ctrl_c(command)
        assert "nothing is rented, and nothing costs money" in typed.err
        assert not me.server.pods
        assert guards_of(me.shell.home) == []


def test_while_the_order_is_on_its_way_the_guard_finds_what_came_of_it(registry: Registry, tmp_path: Path) -> None:
    with person(SIMULATED, registry, tmp_path / "home") as me:
        me.server.next_life(pull_seconds=6000.0)
        me.server.fault("create", "timeout_after_effect", seconds=HELD_SECONDS)
        command = me.shell.start("up", "--yes")
        wait_until(lambda: me.server.pods)
        typed = me.ctrl_c(command)
        assert "exists is not known; if it does, it costs $" in typed.err
        assert "fluxctl down looks for it and ends it" in typed.err
        (pod,) = me.server.running
        with me.ledger as ledger:
            intent = ledger.rentals.intent(pod.name)
            assert intent is not None
            assert intent.state in (IntentState.OPEN, IntentState.ADOPTED)
        assert len(guards_of(me.shell.home)) == 1
        wait_until(lambda: f"watching {pod.id}" in guard_log(me.shell.home))
        me.ends_everything()


def test_while_the_image_is_pulled_the_pod_is_named_with_its_price(registry: Registry, tmp_path: Path) -> None:
    with person(SIMULATED, registry, tmp_path / "home") as me:
        me.server.next_life(pull_seconds=6000.0)
        typed = me.interrupted_at("pulling")
        (pod,) = me.server.running
        assert f"the pod {pod.id} goes on loading and costs $0.86/h" in typed.err
        assert "fluxctl down ends it now; fluxctl up waits for it again" in typed.err
        check_watched(me, pod.id)
        me.ends_everything()


def test_while_a_host_gives_no_address_the_same_is_said(registry: Registry, tmp_path: Path) -> None:
    with person(SIMULATED, registry, tmp_path / "home") as me:
        me.server.next_life(pull_seconds=1.0, gives_port=False)
        typed = me.interrupted_at("booting")
        (pod,) = me.server.running
        assert f"the pod {pod.id} goes on loading and costs" in typed.err
        check_watched(me, pod.id)
        me.ends_everything()


def test_while_nobody_answers_at_the_address_the_same_is_said(registry: Registry, tmp_path: Path) -> None:
    with person(SIMULATED, registry, tmp_path / "home") as me:
        me.server.next_life(pull_seconds=1.0)
        typed = me.interrupted_at("the worker does not answer yet")
        (pod,) = me.server.running
        assert f"the pod {pod.id} goes on loading and costs" in typed.err
        check_watched(me, pod.id)
        me.ends_everything()


def test_while_a_bad_pod_is_ended_it_is_said_that_its_end_is_not_confirmed(registry: Registry, tmp_path: Path) -> None:
    with person(SIMULATED, registry, tmp_path / "home") as me:
        me.server.next_life(exits_after_seconds=2.0, ignored_ends=1_000_000)
        typed = me.interrupted_at("ending")
        (entry,) = me.server.book.left
        assert f"that the pod {entry.pod_id} is gone is not confirmed" in typed.err
        assert "fluxctl down makes sure that it ends" in typed.err
        with me.ledger as ledger:
            assert [pod.state for pod in ledger.rentals.open_pods()] == [PodState.ENDING]
        me.server.pods[entry.pod_id].life.ignored_ends = 0
        me.ends_everything()


@pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()), reason="pods as processes need root and sshd"
)
def test_while_the_worker_loads_the_pod_goes_on_and_the_next_up_finds_it(registry: Registry, tmp_path: Path) -> None:
    with person(PROCESSES, registry, tmp_path / "home") as me:
        typed = me.interrupted_at("connected")
        (pod,) = me.server.running
        assert f"the pod {pod.id} goes on loading and costs" in typed.err
        check_watched(me, pod.id)
        again = me.shell.type("up", "--json")
        assert (again.code, again.document["pod"]["id"], again.document["started"]) == (0, pod.id, False)
        wait_until(lambda: not guards_of(me.shell.home))
        me.ends_everything()


def check_watched(me: Person, pod_id: str) -> None:
    """The ledger knows the pod, and exactly one guard watches it."""
    with me.ledger as ledger:
        assert [(pod.id, pod.state) for pod in ledger.rentals.open_pods()] == [(pod_id, PodState.LIVE)]
    wait_until(lambda: f"watching {pod_id}" in guard_log(me.shell.home))
    assert len(guards_of(me.shell.home)) == 1
