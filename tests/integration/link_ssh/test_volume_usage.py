"""`fluxctl volume usage`: du in a pod behind a real sshd, against the size that RunPod says."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.server import cloud
from tests.integration.link_ssh.test_commands import FarProvider
from tests.support.far_pod import FarPod
from tests.support.shell import Shell

from fluxctl.environment import Environment
from fluxctl.link.remote_pod import RemotePod
from fluxctl.pods.pod import Pod
from fluxctl.providers.runpod.api import CreateOrder, open_api
from fluxctl.services import shell as shell_service
from fluxctl.services import volume_usage
from fluxctl.settings.load import load_settings

MEGABYTE = 10**6


class RentedFarProvider(FarProvider):
    """The pod behind sshd, under the id that a market gave it."""

    pod_id = "pod-1"
    volume = "/workspace"

    def remote(self, pod: Pod) -> RemotePod | None:
        remote = super().remote(pod)
        return None if remote is None else replace(remote, volume=self.volume)

    def find(self) -> Pod:
        return replace(super().find(), id=self.pod_id)

    def rent(self, server: CloudServer, volume_id: str) -> None:
        """Rent a pod with a volume: the market's record is all that is asked for."""
        environment = Environment(variables={**self.far.variables, **server.exports()})
        api = open_api(environment, load_settings(environment))
        name, image = "fluxctl-0a1b2c3d-11112222", "ghcr.io/somebody/fluxctl-pod:1"
        order = CreateOrder(name, image, "NVIDIA L40S", "secure", 60, {}, volume_id=volume_id)
        self.pod_id = api.create(order).id
        api.close()


@pytest.fixture
def provider(far: FarPod, monkeypatch: pytest.MonkeyPatch) -> RentedFarProvider:
    provider = RentedFarProvider(far)

    def opened(*_: object) -> RentedFarProvider:
        return provider

    monkeypatch.setattr(shell_service, "open_provider", opened)
    return provider


@pytest.fixture
def workspace(far: FarPod, provider: RentedFarProvider) -> Path:
    """The pod's volume: a folder with a model and some jobs, behind a link, in a place that the shell there would take apart."""
    folder = far.home / "the pod's" / "workspace"
    folder.parent.mkdir()
    (far.home / "volume").mkdir()
    folder.symlink_to(far.home / "volume")
    for name, size in ((".cache", 3 * MEGABYTE), ("fluxpod", MEGABYTE)):
        (folder / name).mkdir(parents=True)
        (folder / name / "data").write_bytes(os.urandom(size))
    provider.volume = str(folder)
    return folder


@pytest.fixture
def person(far: FarPod, provider: RentedFarProvider) -> Iterator[Shell]:
    yield Shell(far.home / "fluxctl", variables=far.variables)


def test_folders_are_measured_largest_first(person: Shell, workspace: Path) -> None:
    typed = person.type("volume", "usage", "--provider", "docker", "--json")
    assert typed.code == 0, typed.err
    said = typed.document
    assert [Path(folder["path"]).name for folder in said["folders"]] == [".cache", "fluxpod"]
    assert 3 * MEGABYTE <= said["folders"][0]["bytes"] < 3.1 * MEGABYTE <= 4 * MEGABYTE <= said["used_bytes"] < 4.2 * MEGABYTE
    assert (said["size_bytes"], said["volume"], said["whole"]) == (None, None, True)
    words = person.type("volume", "usage", "--provider", "docker").out
    assert "0.00 GB used" in words and "docker says no size" in words


def test_the_size_is_what_runpod_says_of_the_pods_own_volume(person: Shell, workspace: Path, provider: RentedFarProvider) -> None:
    with cloud() as server:
        other, mine = server.add_volume("other", 50), server.add_volume("mine", 10)
        person.variables |= server.exports()
        person.type("config", "set", "runpod.volume_id", other.id)
        provider.rent(server, mine.id)
        typed = person.type("volume", "usage", "--provider", "runpod", "--json")
        assert typed.code == 0, typed.err
        said = typed.document
        assert (said["volume"]["id"], said["size_bytes"]) == (mine.id, 10 * 10**9)


def test_a_volume_that_is_nearly_full_is_a_warning(
    person: Shell, workspace: Path, provider: RentedFarProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cloud() as server:
        mine = server.add_volume("mine", 10)
        monkeypatch.setattr(volume_usage, "NEARLY_FULL", 0.0001)
        person.variables |= server.exports()
        provider.rent(server, mine.id)
        typed = person.type("volume", "usage", "--provider", "runpod")
    assert typed.code == 0 and "nearly full" in typed.err and f"of 10 GB used (0%) on {mine.id}" in typed.out


def test_a_pod_without_the_folder_says_so(person: Shell, provider: RentedFarProvider) -> None:
    provider.volume = "/nowhere-at-all"
    typed = person.type("volume", "usage", "--provider", "docker", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (6, "measure_failed") and "nowhere-at-all" in typed.err


def test_a_pod_that_is_this_computer_has_no_volume(person: Shell, provider: RentedFarProvider) -> None:
    provider.is_here = True
    typed = person.type("volume", "usage", "--provider", "local", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (2, "pod_is_here")
