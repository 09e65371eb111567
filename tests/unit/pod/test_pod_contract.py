"""What is handed over to a pod, and what its entrypoint answers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fluxpod.pod_contract import DEFAULT_SSHD_ADDRESS, ContractError, EntrypointState, Limits, PodContract, WorkerLife

CONTRACT = PodContract(
    pod_id="pod-1",
    worker_token="t",
    created_at=1000.5,
    model="tiny",
    model_source="embedded",
    end_action="container",
    root=Path("/"),
    limits=Limits(),
    port=9000,
    owner_id="o",
    public_key="ssh-ed25519 AAAA me\nssh-ed25519 BBBB you",
    host_key="-----BEGIN\nx\n-----END\n",
    sshd_port=2222,
    sshd_address="127.0.0.1",
)


@pytest.mark.parametrize(
    "contract",
    [
        CONTRACT,
        replace(
            CONTRACT, port=None, socket=Path("/s"), owner_id="", public_key="", host_key="", sshd_port=22, sshd_address=DEFAULT_SSHD_ADDRESS
        ),
    ],
)
def test_a_contract_comes_back_from_its_environment(contract: PodContract) -> None:
    assert PodContract.from_environment(contract.to_environment()) == contract


def test_secrets_are_not_in_its_repr() -> None:
    assert "BEGIN" not in repr(CONTRACT)


@pytest.mark.parametrize("bad", ["0", "65536", "x", "22.5", "nan", "-22"])
@pytest.mark.parametrize("name", ["SSHD_PORT", "FLUXPOD_PORT"])
def test_what_is_no_port_is_refused_by_name(name: str, bad: str) -> None:
    with pytest.raises(ContractError, match=name):
        PodContract.from_environment({**CONTRACT.to_environment(), name: bad})


def test_without_ports_the_usual_ones_hold() -> None:
    given = {name: value for name, value in CONTRACT.to_environment().items() if name not in ("SSHD_PORT", "FLUXPOD_PORT", "SSHD_ADDRESS")}
    read = PodContract.from_environment(given)
    assert (read.port, read.sshd_port, read.sshd_address) == (8000, 22, DEFAULT_SSHD_ADDRESS)


def test_the_entrypoints_answer_comes_back_from_json() -> None:
    state = EntrypointState("crash_loop", "why", WorkerLife(3, -9, 1.5), "running", "SHA256:x", ("a", "b"))
    assert EntrypointState.from_json(json.loads(json.dumps(state.to_json()))) == state


@pytest.mark.parametrize("said", [None, [], "x", {}, {"state": 3}, {"state": ""}])
def test_an_answer_without_a_state_is_none(said: Any) -> None:
    assert EntrypointState.from_json(said) is None


def test_an_answer_of_another_version_is_read_as_far_as_it_goes() -> None:
    said = {
        "state": "hovering",
        "detail": None,
        "worker": {"restarts": True, "exit_code": "9", "next_start_seconds": float("nan")},
        "log": "x",
        "new": 1,
    }
    assert EntrypointState.from_json(said) == EntrypointState("hovering")
    assert EntrypointState.from_json({"state": "running", "worker": [], "log": [1, "b"]}) == EntrypointState("running", log=("1", "b"))
