"""The watchdog process beside a worker process, with limits of seconds."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.local_pod import LocalPod

from fluxpod.pod_contract import Limits

MakePod = Callable[..., LocalPod]
SHORT = Limits(
    idle_timeout_seconds=1.5,
    boot_grace_seconds=3.0,
    lifetime_seconds=600.0,
    drain_seconds=2.0,
    stall_timeout_seconds=1.0,
    silence_timeout_seconds=1.0,
)


def gone(pod: LocalPod) -> bool:
    return not pod.lives("worker") and not pod.lives("watchdog")


def test_an_unused_worker_is_ended_and_the_watchdog_leaves(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    pod.up()
    took = pod.wait_until(lambda: gone(pod))
    assert took >= 1.0
    assert "no use for" in pod.log("watchdog")
    assert "warning" in pod.log("watchdog")


def test_asking_for_the_status_again_and_again_does_not_keep_a_worker_alive(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    ready = pod.up()
    client = ready.client
    began = time.monotonic()
    while pod.lives("worker"):
        assert time.monotonic() - began < 10
        try:
            client.health()
            client.jobs()
        except Exception:  # noqa: BLE001, S110 - it may end in the middle of an answer
            pass
        time.sleep(0.05)


def test_a_keep_counts_as_use(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    client = pod.up().client
    for _ in range(6):
        time.sleep(0.5)
        client.keep(0.1)
    assert pod.lives("worker")
    pod.wait_until(lambda: gone(pod))


def test_a_moving_job_longer_than_the_idle_timeout_lives_on_and_a_stalled_one_ends(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    pod.behave(busy=True, moves=True)
    pod.up()
    time.sleep(4)
    assert pod.lives("worker")
    pod.behave(busy=True, moves=False)
    pod.wait_until(lambda: gone(pod))


def test_a_stopped_worker_is_killed(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    pod.up()
    pod.signal("worker", signal.SIGSTOP)
    pod.wait_until(lambda: gone(pod))
    assert "SIGKILL" in pod.log("watchdog")


def test_a_worker_that_never_becomes_ready_is_ended_after_the_boot_grace(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    pod.behave(boot_seconds=1000)
    pod.create()
    took = pod.wait_until(lambda: gone(pod))
    assert took >= 2.0
    assert "never ready" in pod.log("watchdog")


def test_the_lifetime_ends_a_worker_whatever_it_does(make_pod: MakePod) -> None:
    limits = Limits(**{**SHORT.__dict__, "lifetime_seconds": 3.0})
    pod = make_pod(limits=limits)
    pod.behave(busy=True, moves=True, drain_seconds=0.5)
    pod.up()
    pod.wait_until(lambda: gone(pod))
    assert "lifetime" in pod.log("watchdog")


def test_the_next_up_starts_a_killed_watchdog_again_with_the_same_deadline(pod: LocalPod) -> None:
    pod.up()
    deadline = pod.provider.folder.paths.deadline
    before = json.loads(deadline.read_text())
    pod.signal("watchdog", signal.SIGKILL)
    pod.wait_until(lambda: not pod.lives("watchdog"))
    time.sleep(0.3)
    assert not pod.up().started
    assert pod.lives("watchdog")
    pod.wait_until(lambda: pod.log("watchdog").count("watches pod") == 2)
    assert json.loads(deadline.read_text()) == before


def test_two_watchdogs_never_watch_one_pod(pod: LocalPod) -> None:
    pod.up()
    first = pod.process_id("watchdog")
    pod.provider.processes.start_watchdog(pod.provider.folder.read_contract())
    assert pod.process_id("watchdog") == first
    assert "another watchdog is running" in pod.log("watchdog")


def test_a_watchdog_whose_worker_has_died_leaves_soon(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    pod.behave(busy=True, moves=True)
    pod.up()
    pod.wait_until(lambda: "the worker is ready" in pod.log("watchdog"))
    pod.signal("worker", signal.SIGKILL)
    pod.wait_until(lambda: gone(pod))
    assert "process is gone" in pod.log("watchdog")


def test_a_process_that_got_a_dead_workers_id_is_never_hit(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    pod.up()
    pod.signal("worker", signal.SIGKILL)
    pod.wait_until(lambda: not pod.lives("worker"))
    pod.provider.folder.paths.worker_lock.write_text(f"{os.getpid()}\n")
    pod.wait_until(lambda: gone(pod))
    pod.provider.end_everything()


def test_a_worker_is_ended_although_its_folder_was_deleted(make_pod: MakePod) -> None:
    pod = make_pod(limits=SHORT)
    pod.up()
    worker = pod.process_id("worker")
    shutil.rmtree(pod.root)
    began = time.monotonic()
    while Path(f"/proc/{worker}").exists():
        assert time.monotonic() - began < 20
        time.sleep(0.05)


def test_the_watchdog_is_small(pod: LocalPod) -> None:
    pod.up()
    status = Path(f"/proc/{pod.process_id('watchdog')}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert resident < 30_000
