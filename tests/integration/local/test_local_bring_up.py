"""Bringing up and ending the local pod, with real processes."""

import os
import signal
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.local_pod import LocalPod

from fluxctl.errors import GenerationError, NotReadyError, NotSavedError, ProviderError
from fluxctl.pods.pod import PodPlan
from fluxctl.pods.progress import Stage
from fluxctl.providers.base import PodStateLostError
from fluxctl.services.bring_up import Ready
from fluxctl.services.status import look
from fluxpod.pod_contract import Limits

MakePod = Callable[..., LocalPod]


def test_up_starts_a_worker_and_a_watchdog_and_the_next_up_finds_them(pod: LocalPod) -> None:
    pod.behave(boot_seconds=0.7)
    first = pod.up()
    second = pod.up()
    assert (first.started, second.started) == (True, False)
    assert first.pod == second.pod
    assert len(pod.starts) == 1
    assert pod.lives("watchdog")
    assert {Stage.STARTING, Stage.LOADING} <= {report.stage for report in pod.reports}


def test_finding_a_warm_worker_is_quick(pod: LocalPod) -> None:
    pod.up()
    times: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        pod.client().health()
        times.append(time.perf_counter() - began)
    assert min(times) < 0.02


def test_two_ups_at_once_start_one_worker(make_pod: MakePod) -> None:
    pods = [make_pod() for _ in range(4)]
    ready: list[Ready] = []
    threads = [threading.Thread(target=lambda pod=pod: ready.append(pod.up())) for pod in pods]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pods[0].starts) == 1
    assert sorted(found.started for found in ready) == [False, False, False, True]
    assert len({found.pod for found in ready}) == 1


def test_what_lies_there_can_be_entered_by_this_user_alone(pod: LocalPod) -> None:
    pod.up()
    contract, paths = pod.provider.folder.read_contract(), pod.provider.folder.paths
    for place in (pod.root, paths.run.parent, paths.run, paths.log, contract.socket.parent):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700, place
    for file in (pod.root / "token", pod.root / "contract.json", *paths.log.iterdir(), *paths.run.iterdir()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert contract.worker_token not in (pod.root / "contract.json").read_text()


def test_the_processes_get_no_key_but_the_hubs(make_pod: MakePod) -> None:
    keys = {"RUNPOD_API_KEY": "rp-secret", "ANTHROPIC_API_KEY": "an-secret", "HF_TOKEN": "another"}
    pod = make_pod(variables=keys)
    pod.up()
    assert pod.starts[0][1:] == ["hub-token", "/"]
    for which in ("worker", "watchdog"):
        variables = Path(f"/proc/{pod.process_id(which)}/environ").read_text()
        assert "rp-secret" not in variables
        assert "an-secret" not in variables
        assert ("hub-token" in variables) is (which == "worker")
        assert os.getsid(pod.process_id(which)) == pod.process_id(which)


def test_stale_files_of_an_earlier_life_do_not_matter(pod: LocalPod) -> None:
    contract_before = pod.up().pod
    pod.signal("worker", signal.SIGKILL)
    pod.signal("watchdog", signal.SIGKILL)
    pod.wait_until(lambda: not pod.lives("worker") and not pod.lives("watchdog"))
    assert pod.provider.folder.read_contract().socket.exists()
    pod.provider.folder.paths.worker_lock.write_text("1\n")
    again = pod.up()
    assert again.started
    assert again.pod.created_at > contract_before.created_at
    assert again.client.health().phase == "ready"


def test_a_worker_that_was_killed_is_replaced_with_a_watchdog_of_its_own(pod: LocalPod) -> None:
    pod.up()
    watchdog = pod.process_id("watchdog")
    pod.signal("worker", signal.SIGKILL)
    pod.wait_until(lambda: not pod.lives("worker"))
    assert pod.up().started
    assert pod.process_id("watchdog") != watchdog


def test_a_worker_that_dies_while_loading_tells_its_last_words(pod: LocalPod) -> None:
    pod.behave(boot_seconds=1.0, dies=True)
    with pytest.raises(NotReadyError) as raised:
        pod.up()
    assert "CUDA error: device-side assert triggered" in raised.value.message
    assert str(pod.provider.folder.paths.worker_log) in raised.value.hint
    assert raised.value.exit_code == 6


def test_a_worker_that_ends_at_once_tells_its_last_words_and_leaves_nothing(pod: LocalPod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.local_pod.STAND_IN", "/nowhere/worker.py")
    with pytest.raises(NotReadyError, match="nowhere"):
        pod.up()
    assert not pod.lives("watchdog")


def test_a_worker_that_cannot_load_is_ended_and_says_why(pod: LocalPod) -> None:
    pod.behave(fails="black-forest-labs/FLUX.1-dev is gated")
    with pytest.raises(NotReadyError, match="is gated"):
        pod.up()
    assert not pod.lives("worker")
    pod.behave()
    assert pod.up().started


def test_a_worker_that_failed_for_somebody_else_is_replaced(pod: LocalPod) -> None:
    pod.up()
    pod.behave(fails="out of memory", until_start=2)
    assert pod.up().started
    assert len(pod.starts) == 2


def test_waiting_for_a_worker_that_gets_nowhere_ends(pod: LocalPod) -> None:
    pod.behave(boot_seconds=1000)
    began = time.monotonic()
    with pytest.raises(NotReadyError, match="not ready after 1 s"):
        pod.up(timeout_seconds=1.0)
    assert time.monotonic() - began < 10
    assert pod.lives("worker")


def test_an_idle_worker_of_another_version_is_replaced(pod: LocalPod) -> None:
    pod.up()
    pod.behave(source_hash="older", until_start=2)
    ready = pod.up()
    assert ready.started
    assert len(pod.starts) == 2
    assert ready.health.source_hash != "older"


def test_a_busy_worker_of_another_version_is_used_and_said(pod: LocalPod) -> None:
    pod.up()
    pod.behave(source_hash="older", busy=True)
    ready = pod.up()
    assert not ready.started
    assert "another version" in ready.notes[0]


def test_a_busy_worker_of_another_protocol_is_refused(pod: LocalPod) -> None:
    pod.up()
    pod.behave(protocol=2, busy=True)
    with pytest.raises(NotReadyError, match="protocol 2"):
        pod.up()


def test_a_draining_worker_finishes_its_picture_before_a_new_one_starts(pod: LocalPod) -> None:
    first = pod.up()
    pod.behave(drain_seconds=0.7)
    first.client.drain()
    began = time.monotonic()
    second = pod.up()
    assert second.started
    assert time.monotonic() - began >= 0.5
    assert Stage.DRAINING in {report.stage for report in pod.reports}
    assert len(pod.starts) == 2


def test_a_missing_worker_extra_is_said_with_what_to_type(make_pod: MakePod) -> None:
    pod = make_pod(needed=("no_such_library",))
    with pytest.raises(ProviderError) as raised:
        pod.up()
    assert "no_such_library" in raised.value.message
    assert "pip install 'fluxctl[worker]'" in raised.value.hint
    assert raised.value.exit_code == 4
    assert not pod.lives("watchdog")


def test_down_drains_lets_pictures_be_fetched_and_ends_both(pod: LocalPod) -> None:
    pod.up()
    pod.behave(drain_seconds=0.5)
    phases: list[str] = []
    ended = pod.down(lambda client: phases.append(client.health().phase))
    assert phases == ["draining"]
    assert ended.anything
    assert ended.pod is not None
    assert not pod.lives("worker")
    assert not pod.lives("watchdog")


@pytest.mark.parametrize("problem", [OSError("no space left"), NotSavedError("no space left"), GenerationError("no space left")])
def test_what_cannot_be_brought_home_is_said_and_the_pod_ends(pod: LocalPod, problem: Exception) -> None:
    pod.up()

    def full(_client: object) -> None:
        raise problem

    ended = pod.down(full)
    assert "no space left. What was not brought home stays on the volume: fluxctl fetch" in ended.notes[0]
    assert not pod.lives("worker")
    assert not pod.lives("watchdog")


@pytest.mark.parametrize("status", [401, 404, 409, 422, 429, 500, 503])
def test_down_ends_a_worker_whatever_it_answers(pod: LocalPod, status: int) -> None:
    pod.up()
    pod.behave(answers=status)
    ended = pod.down()
    assert ended.pod is not None
    assert status == 409 or any("something is wrong here" in note for note in ended.notes)
    assert not pod.lives("worker")
    assert not pod.lives("watchdog")


@pytest.mark.parametrize("token", [b"wrong", b"", b"\xff\xfe", b"two words\n"])
def test_a_worker_whose_token_is_lost_is_said_and_down_ends_it(pod: LocalPod, token: bytes) -> None:
    pod.up()
    (pod.root / "token").write_bytes(token)
    with pytest.raises(PodStateLostError) as raised:
        pod.up()
    assert raised.value.hint.startswith("fluxctl down")
    assert pod.down().anything
    assert not pod.lives("worker")
    assert pod.up().started


def test_status_tells_what_a_worker_that_makes_no_sense_answers(pod: LocalPod) -> None:
    pod.up()
    pod.behave(answers=500)
    found = look(pod.environment, pod.provider, "asked")
    assert found.pod is not None and found.worker is None
    assert "something is wrong here" in found.silence


def test_settings_that_a_running_worker_does_not_have_are_said(pod: LocalPod, make_pod: MakePod) -> None:
    assert pod.up().notes == ()
    assert pod.up().notes == ()
    (note,) = make_pod(limits=Limits(idle_timeout_seconds=77)).up().notes
    assert "pod.idle_timeout_seconds 600 (the settings say 77)" in note
    assert "fluxctl down" in note


def hub_plan(pod: LocalPod, token: str | None, *, model: str = "flux", source: str = "somebody/flux") -> PodPlan:
    return replace(pod.plan(), model=model, source=source, hub_token=token)


def test_a_new_hub_token_reaches_the_model_that_needs_it(pod: LocalPod) -> None:
    pod.up(plan=replace(pod.plan(), hub_token=None))
    ready = pod.up(plan=hub_plan(pod, "new-token"))
    assert ready.started
    assert [start[1] for start in pod.starts] == ["", "new-token"]
    assert any("HF_TOKEN" in report.detail for report in pod.reports)
    assert "new-token" not in (pod.root / "hub_token.mark").read_text()
    assert not pod.up(plan=hub_plan(pod, "new-token")).started


@pytest.mark.parametrize(
    ("token", "model", "source"),
    [
        (None, "flux", "somebody/flux"),
        ("hub-token", "flux", "somebody/flux"),
        ("x", "embedded", "a/b"),
        ("x", "m", "/m"),
        ("x", "m", "embedded"),
    ],
)
def test_a_worker_that_needs_no_other_hub_token_stays(pod: LocalPod, token: str | None, model: str, source: str) -> None:
    pod.up()
    assert not pod.up(plan=hub_plan(pod, token, model=model, source=source)).started


def test_a_busy_worker_without_the_hub_token_stays_and_it_is_said(pod: LocalPod) -> None:
    pod.up()
    pod.behave(busy=True)
    ready = pod.up(plan=hub_plan(pod, "new-token"))
    assert not ready.started
    assert "HF_TOKEN" in ready.notes[0] and "fluxctl down" in ready.notes[0]


def test_down_with_nothing_running_is_no_error(pod: LocalPod) -> None:
    assert not pod.down().anything
    pod.up()
    pod.down()
    assert not pod.down().anything


def test_down_ends_a_stopped_worker_and_says_that_it_did_not_answer(pod: LocalPod) -> None:
    pod.up()
    pod.signal("worker", signal.SIGSTOP)
    ended = pod.down()
    assert ended.notes
    assert not pod.lives("worker")


def test_down_ends_what_cannot_be_described_any_more(pod: LocalPod) -> None:
    pod.up()
    (pod.root / "contract.json").write_text("{")
    with pytest.raises(NotReadyError) as raised:
        pod.up()
    assert raised.value.hint == "fluxctl down"
    assert pod.down().anything
    assert not pod.lives("worker")
    assert pod.up().started


def test_status_tells_of_worker_end_and_logs_and_changes_nothing(pod: LocalPod) -> None:
    assert look(pod.environment, pod.provider, "asked").pod is None
    pod.up()
    pod.wait_until(lambda: look(pod.environment, pod.provider, "asked").document()["ends"]["reason"] == "idle")
    found = look(pod.environment, pod.provider, "asked")
    assert found.worker is not None
    assert found.worker.health.phase == "ready"
    assert found.ends_in_seconds == pytest.approx(600, abs=10)
    assert found.lifetime_ends_at == pytest.approx(found.now + 28800, abs=20)
    assert found.document()["watchdog"]["alive"]
    pod.signal("watchdog", signal.SIGKILL)
    pod.wait_until(lambda: not pod.lives("watchdog"))
    assert not look(pod.environment, pod.provider, "asked").document()["watchdog"]["alive"]
    assert not pod.lives("watchdog")
