"""What a watchdog makes of an environment that is malformed or half missing: it watches all the same."""

from pathlib import Path

import pytest

from fluxpod.pod_contract import LIMIT_NAMES, Limits, PodContract
from fluxpod.watchdog_contract import read_leniently

CONTRACT = PodContract(
    pod_id="pod-1",
    worker_token="token-of-the-worker",
    created_at=1000.5,
    model="tiny",
    model_source="embedded",
    end_action="container",
    root=Path("/r"),
    limits=Limits(7.0, 8.0, 9.0, 0.0, 11.0, 12.0),
    port=9000,
)


def test_a_whole_contract_is_read_as_it_is() -> None:
    pod = read_leniently(CONTRACT.to_environment())
    assert (pod.pod_id, pod.worker_token, pod.created_at, pod.end_action) == ("pod-1", "token-of-the-worker", 1000.5, "container")
    assert (pod.limits, pod.address, pod.paths.root) == (CONTRACT.limits, ("127.0.0.1", 9000), Path("/r"))
    assert pod.problems == ()


def test_nothing_at_all_is_watched_with_the_default_limits() -> None:
    pod = read_leniently({})
    assert pod.limits == Limits()
    assert pod.created_at is None
    assert pod.end_action == "container"
    assert pod.address == ("127.0.0.1", 8000)
    assert "FLUXPOD_WORKER_TOKEN is not set: the worker cannot be asked" in pod.problems


@pytest.mark.parametrize("bad", ["", "soon", "nan", "inf", "-1", "0", "1e999", "٣٣x"])
def test_a_limit_that_is_none_falls_back_to_the_default_and_is_said(bad: str) -> None:
    name = LIMIT_NAMES["idle_timeout_seconds"]
    pod = read_leniently({**CONTRACT.to_environment(), name: bad})
    assert pod.limits.idle_timeout_seconds == 600
    assert pod.limits.lifetime_seconds == 9
    assert [problem for problem in pod.problems if problem.startswith(name)]


@pytest.mark.parametrize("bad", ["0", "70000", "x", "80.5", "-1"])
def test_a_port_that_is_none_falls_back(bad: str) -> None:
    assert read_leniently({**CONTRACT.to_environment(), "FLUXPOD_PORT": bad}).address == ("127.0.0.1", 8000)


def test_an_end_that_nobody_knows_is_a_termination_where_runpod_can_be_asked() -> None:
    broken = {**CONTRACT.to_environment(), "FLUXPOD_END_ACTION": "explode"}
    assert read_leniently(broken).end_action == "container"
    assert read_leniently({**broken, "RUNPOD_POD_ID": "a", "RUNPOD_API_KEY": "k"}).end_action == "terminate"


def test_runpods_id_stands_in() -> None:
    assert read_leniently({**CONTRACT.to_environment(), "FLUXPOD_POD_ID": "", "RUNPOD_POD_ID": "abc"}).pod_id == "abc"


def test_no_secret_is_in_what_is_said() -> None:
    pod = read_leniently({**CONTRACT.to_environment(), "FLUXPOD_CREATED_AT": "x"})
    assert "token-of-the-worker" not in repr(pod)
