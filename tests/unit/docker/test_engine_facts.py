"""What is made of what Docker says: GPU, image, layers, trouble."""

from typing import Any

import pytest

from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.providers.docker.found import ours
from fluxctl.providers.docker.gpu import device_request, uses_gpu
from fluxctl.providers.docker.images import Layers, reference_of
from fluxctl.providers.docker.trouble import SocketFacts, is_too_old, lost, no_connection, no_image, refused

NVIDIA: dict[str, Any] = {"Runtimes": {"runc": {}, "nvidia": {}}}
CDI: dict[str, Any] = {
    "Runtimes": {"runc": {}},
    "DiscoveredDevices": [{"Source": "cdi", "ID": f"nvidia.com/gpu={which}"} for which in ("all", "1", "0")],
}


def test_without_a_gpu_none_is_asked_for() -> None:
    for info in (
        {},
        {"Runtimes": {"runc": {}}},
        {"DiscoveredDevices": None},
        {"DiscoveredDevices": [{"Source": "cdi", "ID": "amd.com/gpu=0"}]},
    ):
        assert device_request(info) is None


def test_one_gpu_is_asked_for_in_the_engines_own_way() -> None:
    assert device_request(NVIDIA) == {"Driver": "nvidia", "Count": 1, "Capabilities": [["gpu"]]}
    assert device_request({**NVIDIA, **CDI}) == {"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=0"]}


@pytest.mark.parametrize(
    ("setting", "torch", "info", "uses"),
    [
        ("auto", "cuda", NVIDIA, True),
        ("none", "cuda", NVIDIA, False),
        ("auto", "cpu", NVIDIA, False),
        ("auto", "cuda", {}, False),
        ("auto", None, CDI, True),
    ],
)
def test_the_gpu_is_used_where_setting_image_and_engine_agree(setting: str, torch: str | None, info: dict[str, Any], uses: bool) -> None:
    assert uses_gpu(setting, {"ai.fluxctl.torch": torch} if torch else {}, info) is uses


def test_only_our_own_containers_are_listed_the_newest_first() -> None:
    def item(owner: str, pod: str, created: int) -> dict[str, Any]:
        return {"Created": created, "Labels": {"ai.fluxctl.owner": owner, "ai.fluxctl.pod-id": pod}}

    said = [
        item("me", "a", 1),
        item("me", "b", 3),
        item("you", "c", 4),
        item("me2", "d", 5),
        {"Created": 9, "Labels": None},
        item("me", "", 7),
    ]
    assert ours(said, "me") == ["b", "a"]
    assert ours(said, "") == [] and ours(None, "me") == [] and ours({"message": "x"}, "me") == []


def test_a_pulls_layers_add_up() -> None:
    layers = Layers()
    assert (layers.bytes_done, layers.bytes_total) == (None, None)
    for event in (
        {"status": "Pulling from x", "id": "latest"},
        {"status": "Downloading", "id": "a", "progressDetail": {"current": 5, "total": 10}},
        {"status": "Downloading", "id": "b", "progressDetail": {"current": 1, "total": 30}},
        {"status": "Download complete", "id": "a", "progressDetail": {}},
        {"status": "Extracting", "id": "a", "progressDetail": {"current": 1, "total": 99}},
        "nonsense",
    ):
        layers.hear(event)
    assert (layers.bytes_done, layers.bytes_total) == (11, 40)


def test_without_a_setting_the_image_is_the_one_that_make_image_builds() -> None:
    assert reference_of(None).startswith("fluxctl-pod:")
    assert reference_of("ghcr.io/x/y:z") == "ghcr.io/x/y:z"
    assert "make image" in no_image("fluxctl-pod:1", ours=True).hint
    assert "fluxctl image check ghcr.io/x/y:z" in no_image("ghcr.io/x/y:z", ours=False).hint


@pytest.mark.parametrize(
    ("exists", "may_open", "installed", "platform", "code", "hint"),
    [
        (False, False, False, "linux", "docker_not_installed", "docs.docker.com"),
        (False, False, True, "linux", "docker_not_running", "systemctl start docker"),
        (True, True, True, "linux", "docker_not_running", "systemctl start docker"),
        (True, False, True, "linux", "docker_no_permission", "usermod -aG docker"),
        (True, False, False, "linux", "docker_no_permission", "usermod -aG docker"),
        (False, False, True, "darwin", "docker_not_running", "open -a Docker"),
    ],
)
def test_why_docker_is_not_reached_is_told_apart(
    exists: bool, may_open: bool, installed: bool, platform: str, code: str, hint: str
) -> None:
    error = no_connection(SocketFacts("/var/run/docker.sock", exists, may_open, installed, platform))
    assert error.code == code and hint in error.hint and error.exit_code == 4


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("driver failed programming external connectivity: Bind for 127.0.0.1:22 failed: port is already allocated", "port_taken"),
        ("listen tcp4 127.0.0.1:40123: bind: address already in use", "port_taken"),
        ("write /var/lib/docker/tmp/x: no space left on device", "disk_full"),
        ('could not select device driver "nvidia" with capabilities: [[gpu]]', "gpu_refused"),
        ("nvidia-container-cli: initialization error: nvml error: driver not loaded", "gpu_refused"),
        ("unresolvable CDI devices nvidia.com/gpu=0", "gpu_refused"),
        ("failed to create endpoint x on network bridge: operation not supported", "docker_network"),
        ("exec /usr/bin/tini: exec format error", "image_architecture"),
        ("something else", "docker_refused"),
    ],
)
def test_what_docker_refuses_is_understood(said: str, code: str) -> None:
    error = refused("the container cannot be started", said)
    assert error.code == code
    assert said in error.message and error.hint


@pytest.mark.parametrize(("version", "old"), [("1.41", False), ("1.40", True), ("1.52", False), ("2.0", False), ("1.9", True), ("", True)])
def test_an_engine_that_is_too_old_is_known(version: str, old: bool) -> None:
    assert is_too_old(version) is old


def test_a_container_that_is_gone_counts_as_a_worker_that_cannot_be_reached() -> None:
    # Waiting for a worker, and following a job, then ask whether the pod lives, and tell its last words.
    assert isinstance(lost("fluxctl-a-b"), WorkerUnreachableError)
