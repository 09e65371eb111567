"""A pod whose end is a termination at RunPod, which a server on this machine plays."""

from collections.abc import Iterator

import pytest
from tests.integration.entrypoint.conftest import MakePod
from tests.support.runpod_server import KEY, POD, REST, RunPodServer, page, runpod_server

from fluxpod.pod_contract import Limits


@pytest.fixture
def server() -> Iterator[RunPodServer]:
    with runpod_server() as running:
        yield running


def test_a_pod_that_never_gets_ready_is_terminated_with_its_own_key(make_pod: MakePod, server: RunPodServer) -> None:
    server.faults[REST] = [page(502)]
    limits = Limits(boot_grace_seconds=3.0, silence_timeout_seconds=1.0)
    pod = make_pod(variables={**server.variables(), "FLUXPOD_END_ACTION": "terminate"}, limits=limits).start()
    pod.wait_until(lambda: server.state == "", "the termination")
    assert any(line.startswith(f"POST /v2/pods/{POD}/action") for line in server.asked)
    pod.wait_until(lambda: "the pod has ended" in pod.output, "the watchdog's last words")
    assert KEY not in pod.output


def test_the_key_is_not_on_any_command_line_and_not_with_the_worker(make_pod: MakePod, server: RunPodServer) -> None:
    telling = "import os, time\nprint('key' if 'RUNPOD_API_KEY' in os.environ else 'no key', flush=True)\ntime.sleep(1000)\n"
    pod = make_pod(telling, variables={**server.variables(), "FLUXPOD_END_ACTION": "terminate"}).start()
    pod.wait_until(lambda: "worker: no key" in pod.output, "the worker's words")


def test_a_key_that_cannot_read_the_pod_keeps_the_worker_from_starting(make_pod: MakePod, server: RunPodServer) -> None:
    variables = {**server.variables(), "FLUXPOD_END_ACTION": "terminate", "RUNPOD_API_KEY": "another-key"}
    pod = make_pod(variables=variables).start()
    state = pod.wait_for_state("failed")
    assert "the pod's key cannot read the pod" in state.detail
    assert "another-key" not in pod.output + state.detail
    assert state.worker.restarts == 0
    pod.wait_until(lambda: pod.process_id("watchdog") > 0, "a watchdog")


def test_a_platform_that_answers_late_only_delays_the_worker(make_pod: MakePod, server: RunPodServer) -> None:
    server.faults = {REST: [page(502)] * 2, "graphql": [page(502)] * 2}
    pod = make_pod(variables={**server.variables(), "FLUXPOD_END_ACTION": "stop"}).start()
    pod.wait_for_state("failed")
    pod.wait_for_state("running")
