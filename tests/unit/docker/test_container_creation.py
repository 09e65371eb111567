"""What a pod's container is made with."""

import re
from dataclasses import replace

import pytest

from fluxctl.pods.pod import PodPlan
from fluxctl.providers.docker import labels
from fluxctl.providers.docker.container import Keys, Ports, contract_for, creation, host_ports, pod_name, volume_name
from fluxctl.providers.docker.found import Found
from fluxpod.pod_contract import ContractError, Limits, PodContract

OWNER = "0123456789abcdef" * 2
PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAA$HOME\"'\n-----END OPENSSH PRIVATE KEY-----\n"
PLAN = PodPlan("embedded", "embedded", Limits(idle_timeout_seconds=7), 10, 1000.0)
KEYS = Keys("the-token", PRIVATE, "ssh-ed25519 AAAA")


def contract(ports: Ports | None = None) -> PodContract:
    return contract_for(PLAN, "fluxctl-01234567-abcdef", OWNER, KEYS, ports or Ports(), 1000.25)


def body(**changed: object) -> dict[str, object]:
    given: dict[str, object] = {"image": "i:1", "volume": "v", "network": "bridge", "hub_token": None, "device": None, **changed}
    return creation(contract(), **given)  # type: ignore[arg-type]


def attributes(made: dict[str, object], *, status: str = "running", **more: object) -> dict[str, object]:
    """What the engine would say of a container that was made so."""
    return {"Name": "/fluxctl-01234567-abcdef", "State": {"Status": status}, "Config": made, "HostConfig": made["HostConfig"], **more}


def test_the_name_says_whose_it_is_and_fits_what_docker_takes() -> None:
    name = pod_name(OWNER, "abcdef")
    assert name == "fluxctl-01234567-abcdef"
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", name)


def test_a_volume_that_nobody_named_is_the_owners_own() -> None:
    assert volume_name(None, OWNER) == "fluxctl-01234567"
    assert volume_name("mine", OWNER) == "mine"


def test_the_environment_is_the_contract_whatever_stands_in_it() -> None:
    found = Found(attributes(body()))
    assert found.contract() == contract()
    assert found.variables["FLUXPOD_HOST_KEY"] == PRIVATE
    assert found.contract().end_action == "container"


def test_ssh_is_published_on_loopback_alone_and_nothing_else_is() -> None:
    host = body()["HostConfig"]
    assert isinstance(host, dict)
    assert host["PortBindings"] == {"22/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}
    assert host["RestartPolicy"] == {"Name": "no"}
    assert host["Mounts"] == [{"Type": "volume", "Source": "v", "Target": "/workspace"}]


def test_under_host_networking_nothing_is_published_and_sshd_listens_on_loopback() -> None:
    host = body(network="host")["HostConfig"]
    assert isinstance(host, dict)
    assert (host["NetworkMode"], host["PortBindings"]) == ("host", {})
    ports = host_ports(2222, 8123)
    assert (ports.sshd, ports.worker, ports.sshd_address) == (2222, 8123, "127.0.0.1")


def test_the_hub_token_is_handed_over_only_when_there_is_one() -> None:
    assert "HF_TOKEN" not in Found(attributes(body())).variables
    found = Found(attributes(body(hub_token="hf_x")))
    assert found.has_hub_token("hf_x") and not found.has_hub_token("hf_y")


def test_no_secret_stands_in_labels_or_words() -> None:
    made = body(hub_token="hf_x")
    assert not any(secret in str(made["Labels"]) for secret in ("the-token", "hf_x", PRIVATE))
    assert "the-token" not in repr(KEYS) and "the-token" not in repr(contract())


@pytest.mark.parametrize(
    ("owner", "label", "name"),
    [
        (OWNER, OWNER[:-1], "n"),
        (OWNER, OWNER + "0", "n"),
        (OWNER, "", "n"),
        ("", "", "n"),
        (OWNER, OWNER.upper(), "n"),
        (OWNER, OWNER, "other"),
    ],
)
def test_only_the_whole_owner_and_name_make_a_container_ours(owner: str, label: str, name: str) -> None:
    said = {"Name": "/n", "Config": {"Labels": {labels.OWNER: label, labels.POD_ID: name}}}
    assert not Found(said).is_of(owner)


def test_what_was_made_by_us_is_ours() -> None:
    assert Found(attributes(body())).is_of(OWNER)


@pytest.mark.parametrize(("status", "alive"), [("running", True), ("paused", True), ("exited", False), ("created", False), ("dead", False)])
def test_a_container_that_has_ended_is_known(status: str, alive: bool) -> None:
    assert Found(attributes(body(), status=status)).is_alive is alive


def test_the_ssh_port_is_the_published_one_on_loopback() -> None:
    bindings = [{"HostIp": "192.0.2.1", "HostPort": "1"}, {"HostIp": "127.0.0.1", "HostPort": "40123"}]
    assert Found(attributes(body(), NetworkSettings={"Ports": {"22/tcp": bindings}})).ssh_port() == 40123


def test_under_host_networking_it_is_the_contracts() -> None:
    made = creation(contract(host_ports(2222, 8123)), image="i", volume="v", network="host", hub_token=None, device=None)
    assert Found(attributes(made)).ssh_port() == 2222


@pytest.mark.parametrize("ports", [None, {}, {"22/tcp": None}, {"22/tcp": []}, {"22/tcp": [{"HostIp": "192.0.2.1", "HostPort": "5"}]}])
def test_a_container_without_a_port_on_loopback_is_not_reached(ports: object) -> None:
    with pytest.raises(Exception, match="no SSH port"):
        Found(attributes(body(), NetworkSettings={"Ports": ports})).ssh_port()


def test_a_container_whose_environment_is_damaged_says_so() -> None:
    made = body()
    broken = {**made, "Env": [line for line in made["Env"] if not line.startswith("FLUXPOD_CREATED_AT")]}  # type: ignore[union-attr]
    with pytest.raises(ContractError, match="CREATED_AT"):
        Found(attributes(broken)).pod()


@pytest.mark.parametrize("said", [{}, {"Config": None}, {"Config": {"Labels": None, "Env": None}}, {"State": "x", "Name": None}])
def test_an_answer_that_makes_no_sense_is_nobodys_and_dead(said: dict[str, object]) -> None:
    found = Found(said)
    assert not found.is_of(OWNER) and not found.is_alive and found.variables == {}


def test_another_port_is_another_contract() -> None:
    assert replace(contract(), sshd_port=2222) == contract(Ports(sshd=2222))
