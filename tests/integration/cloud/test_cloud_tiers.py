"""Pods of this computer's RunPod in which something runs: started by a host, again when it ends, and ended for good."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.pod import CloudPod
from tests.cloud.real_tier import RealTier
from tests.cloud.server import cloud
from tests.cloud.talk import STOP, TERMINATE, Talk, ssh_port

from fluxpod.pod_contract import END_STOP, END_TERMINATE, Limits, PodContract
from fluxpod.small_http import ask

TOKEN = "a-token-for-tests"
PATIENCE_SECONDS = 150.0
SLEEPS = "import time; print('up', flush=True); time.sleep(1000)"
ENDS = "print('up', flush=True)"


@dataclass
class PlayedHost:
    """Runs a line of Python as a main process."""

    program: str = SLEEPS
    cleared: list[bool] = field(default_factory=list[bool])
    given: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def variables(self, pod: CloudPod) -> dict[str, str]:
        return {"FLUXPOD_ROOT": "/somewhere"}

    def prepare(self, pod: CloudPod) -> None:
        """Nothing is needed."""

    def run(self, pod: CloudPod, variables: Mapping[str, str], hear: Callable[[str], None]) -> "PlayedProcess":
        self.given.append(dict(variables))
        if not self.program:
            raise OSError("there is no program")
        return PlayedProcess(self.program, hear)

    def clear(self, pod: CloudPod, *, keep: bool) -> None:
        self.cleared.append(keep)

    def close(self) -> None:
        """Nothing is left."""


class PlayedProcess:
    def __init__(self, program: str, hear: Callable[[str], None]) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, args=(hear,))
        self.reader.start()

    def runs(self) -> bool:
        return self.process.poll() is None

    def end(self, grace_seconds: float) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()

    def read(self, hear: Callable[[str], None]) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                hear(line.strip())


@pytest.fixture
def host() -> PlayedHost:
    return PlayedHost()


@pytest.fixture
def server(host: PlayedHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudServer]:
    monkeypatch.setattr("tests.cloud.server._host", lambda _tier: host)
    with cloud("played") as server:
        yield server


@pytest.fixture
def talk(server: CloudServer) -> Iterator[Talk]:
    with Talk(server) as talk:
        yield talk


def wait_for(is_so: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Look until something is so; raise AssertionError when it takes too long."""
    latest = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < latest, f"waited in vain for {what}"
        time.sleep(0.05)


def container_lines(server: CloudServer, pod_id: str) -> list[str]:
    pod = server.pods[pod_id]
    return [line.text for line in server.market.tier.lines(pod, server.now()) if line.source == "container"]


def test_the_api_tells_what_a_pod_was_given_otherwise_than_it_was_ordered(talk: Talk, host: PlayedHost) -> None:
    pod = talk.deploy(env=[{"key": "SSHD_PORT", "value": "22"}, {"key": "A", "value": "b"}])
    said = dict(line.split("=", 1) for line in pod["env"])
    assert said["A"] == "b"
    assert said["SSHD_PORT"] != "22"
    assert said["FLUXPOD_ROOT"] == "/somewhere"
    wait_for(lambda: ssh_port(talk.pod(pod["id"])), "an address")
    assert str(ssh_port(talk.pod(pod["id"]))) == said["SSHD_PORT"]
    (given,) = host.given
    assert given.items() >= {**said, **talk.server.addresses(), "RUNPOD_POD_ID": pod["id"]}.items()


def test_a_main_process_that_ends_is_started_again_while_the_bill_runs(talk: Talk, host: PlayedHost) -> None:
    host.program = ENDS
    pod = talk.deploy()
    wait_for(lambda: container_lines(talk.server, pod["id"]).count("up") >= 2, "a second life")
    assert talk.pod(pod["id"])["desiredStatus"] == "RUNNING"
    assert talk.server.book[pod["id"]].runs


def test_a_container_that_cannot_be_made_is_tried_again_and_the_system_log_says_so(talk: Talk, host: PlayedHost) -> None:
    host.program = ""
    pod = talk.deploy()
    with talk.log(pod["id"], "source=system") as events:
        assert any("error creating container: there is no program" in event["line"] for event in events)
    host.program = SLEEPS
    wait_for(lambda: ssh_port(talk.pod(pod["id"])), "an address")


def test_a_restart_that_is_asked_for_is_one_in_place(talk: Talk) -> None:
    pod = talk.deploy()
    wait_for(lambda: ssh_port(talk.pod(pod["id"])), "an address")
    port = ssh_port(talk.pod(pod["id"]))
    assert talk.rest("POST", f"/pods/{pod['id']}/action", {"action": "restart"}).status_code == 200
    wait_for(lambda: container_lines(talk.server, pod["id"]) == ["up", "up"], "a second life")
    wait_for(lambda: ssh_port(talk.pod(pod["id"])) == port, "the same address")


def test_stopping_keeps_the_volume_and_terminating_does_not(talk: Talk, host: PlayedHost) -> None:
    pod = talk.deploy(volumeInGb=10, volumeMountPath="/workspace")
    talk.data(STOP, id=pod["id"])
    wait_for(lambda: host.cleared == [True], "the end of the container")
    talk.data(TERMINATE, id=pod["id"])
    assert host.cleared == [True, False]


def test_a_pod_that_waits_for_its_image_can_be_ended_at_once(talk: Talk, host: PlayedHost) -> None:
    talk.server.next_life(pull_seconds=1000)
    pod = talk.deploy()
    talk.data(TERMINATE, id=pod["id"])
    wait_for(lambda: host.cleared == [False], "the end of the container")
    assert host.given == []


def test_what_is_due_happens_also_while_nobody_asks(server: CloudServer, talk: Talk) -> None:
    talk.server.next_life(pull_seconds=1000, exits_after_seconds=0.3)
    pod = talk.deploy()
    wait_for(lambda: server.market.pods[pod["id"]].desired == "EXITED", "the end of the pod")


def contract(end_action: str, idle_timeout_seconds: float) -> list[dict[str, str]]:
    """Return the environment of a pod that loads the model that comes with it."""
    made = PodContract(
        pod_id="",
        worker_token=TOKEN,
        created_at=time.time(),
        model="embedded",
        model_source="embedded",
        end_action=end_action,
        root=Path("/"),
        limits=Limits(idle_timeout_seconds=idle_timeout_seconds),
        port=8000,
        owner_id="somebody",
    )
    return [{"key": name, "value": value} for name, value in made.to_environment().items() if name != "FLUXPOD_POD_ID"]


def lives_until_it_ends_itself(tier: str, end_action: str) -> CloudServer:
    """Rent a pod, wait until its worker is ready, use it for nothing, and wait until its watchdog has ended it."""
    with cloud(tier) as server, Talk(server) as talk:
        pod_id = talk.deploy(env=contract(end_action, 3.0), volumeInGb=10, volumeMountPath="/workspace")["id"]
        port = int(dict(line.split("=", 1) for line in talk.pod(pod_id)["env"])["FLUXPOD_PORT"])

        def is_ready() -> bool:
            answer = ask(("127.0.0.1", port), TOKEN, "GET", "/v1/health", None, 5.0)
            return answer is not None and answer.body["phase"] == "ready"

        wait_for(is_ready, "a ready worker")
        wait_for(lambda: not server.running, "the watchdog's end of the pod")
        ended_by = {(call.agent, call.status) for call in server.called("terminate", "stop")}
        assert ended_by <= {("fluxpod/1", 204), ("fluxpod/1", 200)}
        assert ended_by
        return server


@pytest.mark.parametrize("end_action", [END_TERMINATE, END_STOP])
def test_an_entrypoint_as_a_process_ends_its_own_pod_through_this_server(end_action: str) -> None:
    server = lives_until_it_ends_itself("processes", end_action)
    (entry,) = server.market.book
    assert (entry.gone_at is None) == (end_action == END_STOP)
    assert isinstance(server.market.tier, RealTier)
    assert not [process for process in Path("/proc").glob("[0-9]*") if entry.pod_id.encode() in variables_of(process)]


def variables_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


@pytest.mark.usefixtures("pod_image")
def test_a_container_of_the_real_image_ends_its_own_pod_through_this_server() -> None:
    server = lives_until_it_ends_itself("containers", END_TERMINATE)
    (entry,) = server.market.book
    assert entry.gone_at is not None
    left = subprocess.run(["docker", "ps", "--all", "--format", "{{.Names}}"], capture_output=True, text=True, check=True).stdout
    assert entry.pod_id not in left
    volumes = subprocess.run(["docker", "volume", "ls", "--quiet"], capture_output=True, text=True, check=True).stdout
    assert entry.pod_id not in volumes
