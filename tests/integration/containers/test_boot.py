"""A container of the real image boots, says what is wrong with what it was given, and works all the same."""

from collections.abc import Callable

import pytest
from tests.support.docker_engine import Container, contract, free_port
from tests.support.worker_talk import recipe

from fluxpod.pod_contract import EntrypointState

AskState = Callable[[Container], EntrypointState]


def test_it_boots_to_ready_and_draws(ready: Container) -> None:
    (pixels,) = ready.made(recipe("embedded", model="embedded"))
    assert len(pixels) == 64
    with ready.client(token="another") as stranger:
        assert stranger.get("/v1/health").status_code == 401


def test_the_watchdog_starts_before_sshd_and_worker(ready: Container) -> None:
    script = 'for p in /proc/[0-9]*; do echo "$(cut -d" " -f22 $p/stat) $(tr "\\0" " " < $p/cmdline)"; done | sort -n'
    order = [
        name
        for line in ready.run("sh", "-c", script).splitlines()
        for name in ("watchdog_process", "sshd", "fluxpod.worker")
        if f"{name} " in f"{line} " or (name == "sshd" and "/usr/sbin/sshd" in line)
    ]
    # Start times count in hundredths of a second, in which the other two may start together.
    assert order[0] == "watchdog_process" and sorted(order[1:]) == ["fluxpod.worker", "sshd"]


@pytest.mark.parametrize("given", ["", "ssh-ed25519 not-base64\n", 'a "$quoted" text\nin two lines'])
def test_without_a_usable_public_key_it_works_and_says_so(container: Callable[..., Container], state: AskState, given: str) -> None:
    pod = container(contract=contract(public_key=given)).start().wait_for("ready")
    said = state(pod)
    assert said.state == "running" and "PUBLIC_KEY" in said.detail
    assert said.host_key_fingerprint.startswith("SHA256:") and said.host_key_fingerprint in pod.log


def test_values_with_quotes_dollars_and_newlines_survive(container: Callable[..., Container]) -> None:
    awkward = 'it\'s "quoted", $HOME `and`\nover two lines'
    pod = container(variables={"AWKWARD": awkward}, command=("sleep", "60")).start()
    assert pod.run("python", "-c", "import os; print(os.environ['AWKWARD'], end='')") == awkward


def test_a_taken_ssh_port_is_told_while_the_worker_works(container: Callable[..., Container], state: AskState) -> None:
    taken = free_port()
    first = container(contract=contract(sshd_port=taken)).start()
    first.wait_until(lambda: "Server listening" in first.log, "sshd")
    second = container(contract=contract(sshd_port=taken)).start().wait_for("ready")
    said = state(second)
    assert said.state == "running"
    assert said.sshd.startswith("failed") and str(taken) in said.sshd + said.detail + second.log


def test_a_new_container_on_the_volume_finds_what_the_first_put_under_hf_home(container: Callable[..., Container], volume: str) -> None:
    mount = ("--volume", f"{volume}:/workspace")
    first = container(options=mount).start().wait_for("ready")
    first.run("sh", "-c", "mkdir -p $HF_HOME/hub && echo kept > $HF_HOME/hub/a-model")
    made = first.run("sh", "-c", "cd $HF_HOME && find . -newermt 1980-01-01 -type f | sort")
    first.remove()
    second = container(options=mount).start().wait_for("ready")
    assert second.run("sh", "-c", "cat $HF_HOME/hub/a-model").strip() == "kept"
    assert second.run("sh", "-c", "cd $HF_HOME && find . -newermt 1980-01-01 -type f | sort") == made
