"""What goes wrong in a container is told, mended, or ends it: never left to run unseen."""

import time
from collections.abc import Callable

import pytest
from tests.integration.containers.conftest import worker_pid
from tests.support.docker_engine import IMAGE, Container, contract, docker
from tests.support.worker_talk import new_id, recipe

from fluxpod.pod_contract import EntrypointState, Limits

AskState = Callable[[Container], EntrypointState]
DOCKER_SECONDS = 3.0
"""What docker's own commands may take beside what is measured."""
LONG = recipe("embedded", model="embedded", steps=400)


def _denoising(pod: Container) -> str:
    """Put a long job once the watchdog knows that the worker is ready, wait for its first step, and return its id."""
    pod.wait_until(lambda: "the worker is ready" in pod.log, "the watchdog's word")
    job = new_id()
    pod.put(job, LONG)
    pod.events(job, until="step")
    return job


def test_a_killed_worker_is_back_within_ten_seconds_and_repeats_the_job(ready: Container, state: AskState) -> None:
    job = new_id()
    ready.put(job, {**LONG, "steps": 40})
    ready.events(job, until="step")
    ready.run("kill", "-KILL", str(worker_pid(ready)))
    killed = time.monotonic()
    ready.wait_until(lambda: ready.phase() != "", "the worker's answer")
    assert time.monotonic() - killed < 10 + DOCKER_SECONDS
    assert ready.ended(job)["state"] == "done"
    assert state(ready).worker.restarts == 1


def test_sigterm_while_denoising_ends_within_five_seconds_and_the_job_goes_on_in_the_next(
    container: Callable[..., Container], volume: str
) -> None:
    of_one_pod = contract()
    mount = ("--volume", f"{volume}:/workspace")
    first = container(contract=of_one_pod, options=mount).start().wait_for("ready")
    job = new_id()
    first.put(job, {**LONG, "steps": 60})
    first.events(job, until="step")
    begun = time.monotonic()
    docker("kill", "--signal", "TERM", first.name)
    assert first.wait_for_end() == 0
    assert time.monotonic() - begun < 5 + DOCKER_SECONDS
    first.remove()
    second = container(contract=of_one_pod, options=mount).start().wait_for("ready")
    assert second.ended(job)["state"] == "done"


def test_unused_it_ends_by_itself_after_the_picture(container: Callable[..., Container]) -> None:
    pod = container(contract=contract(limits=Limits(idle_timeout_seconds=4))).start().wait_for("ready")
    pod.made(recipe("embedded", model="embedded"))
    begun = time.monotonic()
    pod.wait_for_end(30)
    assert time.monotonic() - begun > 2
    assert docker("container", "inspect", "--format", "{{.State.OOMKilled}}", pod.name).stdout.strip() == "false"


def test_a_worker_that_hangs_in_loading_ends_the_container(container: Callable[..., Container], volume: str) -> None:
    mount = ("--volume", f"{volume}:/workspace")
    docker(
        "run",
        "--rm",
        *mount,
        "--entrypoint",
        "sh",
        IMAGE,
        "-c",
        "mkdir /workspace/model && mkfifo /workspace/model/model_index.json",
    )
    hanging = contract(model_source="/workspace/model", limits=Limits(boot_grace_seconds=20))
    pod = container(contract=hanging, options=mount).start()
    pod.wait_for_end()
    assert "never ready" in pod.log


def test_a_job_that_gets_nowhere_ends_the_container(container: Callable[..., Container]) -> None:
    limits = Limits(idle_timeout_seconds=3, stall_timeout_seconds=3, silence_timeout_seconds=3, drain_seconds=1)
    pod = container(contract=contract(limits=limits)).start().wait_for("ready")
    _denoising(pod)
    pod.run("kill", "-STOP", str(worker_pid(pod)))
    pod.wait_for_end(60)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--tmpfs", "/workspace:ro"), "nothing can be kept in /workspace/fluxpod/jobs: Read-only file system"),
        (("--tmpfs", "/workspace:size=64k"), "No space left on device"),
    ],
    ids=["read-only", "full"],
)
def test_a_workspace_that_takes_nothing_is_a_failed_phase_and_no_crash_loop(
    container: Callable[..., Container], state: AskState, options: tuple[str, ...], why: str
) -> None:
    pod = container(options=options).start()

    def has_failed() -> bool:
        return pod.phase() == "failed" or _said(pod, state) == "failed"

    pod.wait_until(has_failed, "the failure")
    pod.wait_until(lambda: why in pod.log, "the reason")
    # By then it has either settled, answering, or ended and waits for its next start: a loop would end it again and again.
    pod.wait_until(lambda: _has_settled(pod, state), "its rest")
    said = state(pod)
    # A worker that cannot keep anything is tried again now and then, for the volume may be mended: no more.
    assert said.state in ("failed", "running") and said.worker.restarts <= 1, pod.log
    assert said.worker.next_start_seconds is None or said.worker.next_start_seconds > 10
    assert why in pod.log and pod.is_running


def _has_settled(pod: Container, state: AskState) -> bool:
    """Whether the worker answers that it has failed, or its next start is far away."""
    try:
        next_start = state(pod).worker.next_start_seconds
    except AssertionError:
        return False
    return pod.phase() == "failed" if next_start is None else next_start > 10


def _said(pod: Container, state: AskState) -> str:
    try:
        return state(pod).state
    except AssertionError:
        return ""  # it does not answer yet


def test_a_killed_watchdog_is_started_again(ready: Container) -> None:
    first = ready.run("cat", "/run/fluxpod/watchdog.lock").split()[0]
    ready.run("kill", "-KILL", first)
    ready.wait_until(lambda: ready.run("cat", "/run/fluxpod/watchdog.lock").split()[:1] not in ([], [first]), "another watchdog")
