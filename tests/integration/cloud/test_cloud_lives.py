"""Pods of this computer's RunPod live as those of the platform do, with all that surprises there."""

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.cloud.talk import START, STOP, TERMINATE, Talk, ssh_port


def test_the_address_comes_after_the_container_and_the_first_entry_is_not_it(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy()
    clock.sleep(20)
    assert talk.pod(pod["id"])["runtime"] is None
    clock.sleep(1.5)
    starting = talk.pod(pod["id"])["runtime"]
    assert starting == {"uptimeInSeconds": 0, "ports": None}
    clock.sleep(2)
    ports = talk.pod(pod["id"])["runtime"]["ports"]
    assert [(port["privatePort"], port["isIpPublic"]) for port in ports] == [(19123, False), (22, True)]


def test_a_stopped_pod_shows_a_runtime_that_is_no_more(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy()
    clock.sleep(30)
    assert talk.data(STOP, id=pod["id"])["podStop"]["desiredStatus"] == "EXITED"
    stale = talk.pod(pod["id"])
    assert stale["desiredStatus"] == "EXITED"
    assert stale["lastStatusChange"].startswith("Exited by user: ")
    assert ssh_port(stale) is not None
    clock.sleep(5)
    assert talk.pod(pod["id"])["runtime"] is None


def test_every_start_gives_another_port_and_may_show_the_old_one_first(talk: Talk, clock: VirtualClock) -> None:
    talk.server.next_life(old_port_seconds=10)
    pod = talk.deploy()
    clock.sleep(30)
    first = ssh_port(talk.pod(pod["id"]))
    talk.data(STOP, id=pod["id"])
    clock.sleep(60)
    assert talk.data(START, id=pod["id"])["podResume"]["desiredStatus"] == "RUNNING"
    clock.sleep(24)
    assert ssh_port(talk.pod(pod["id"])) == first
    clock.sleep(10)
    second = ssh_port(talk.pod(pod["id"]))
    assert second not in (None, first)


def test_a_gpu_that_was_rented_to_somebody_else_does_not_come_back(talk: Talk) -> None:
    talk.server.next_life(host_taken=True)
    pod = talk.deploy()
    talk.data(STOP, id=pod["id"])
    assert talk.error(START, id=pod["id"])["message"] == "There are not enough free GPUs on the host machine to start this pod."
    answer = talk.rest("POST", f"/pods/{pod['id']}/action", {"action": "start"})
    assert answer.status_code == 400
    assert talk.pod(pod["id"])["desiredStatus"] == "EXITED"


def test_a_stop_may_show_late(talk: Talk, clock: VirtualClock) -> None:
    talk.server.next_life(stop_shows_after_seconds=60)
    pod = talk.deploy()
    talk.data(STOP, id=pod["id"])
    assert talk.pod(pod["id"])["desiredStatus"] == "RUNNING"
    clock.sleep(61)
    assert talk.pod(pod["id"])["desiredStatus"] == "EXITED"


def test_an_end_may_be_accepted_and_do_nothing(talk: Talk) -> None:
    talk.server.next_life(ignored_ends=1)
    pod = talk.deploy()
    talk.data(TERMINATE, id=pod["id"])
    assert talk.server.book[pod["id"]].runs
    talk.data(TERMINATE, id=pod["id"])
    assert not talk.server.book.left


def test_a_terminated_pod_may_be_listed_for_a_while(talk: Talk, clock: VirtualClock) -> None:
    talk.server.next_life(gone_shows_after_seconds=30)
    pod = talk.deploy()
    talk.data(TERMINATE, id=pod["id"])
    assert talk.pod(pod["id"])["desiredStatus"] == "TERMINATED"
    assert talk.error(TERMINATE, id=pod["id"])["extensions"]["code"] == "POD_NOT_FOUND"
    clock.sleep(31)
    assert talk.pod(pod["id"]) is None


def test_a_missing_image_ends_a_pod_within_seconds_and_without_a_reason(talk: Talk, clock: VirtualClock) -> None:
    talk.server.missing_image("ghcr.io/somebody/nothing:1", "exits")
    pod = talk.deploy(imageName="ghcr.io/somebody/nothing:1")
    assert pod["desiredStatus"] == "RUNNING"
    clock.sleep(6.5)
    seen = talk.pod(pod["id"])
    assert seen["desiredStatus"] == "EXITED"
    assert seen["lastStatusChange"].startswith("Exited by Runpod: ")
    assert talk.server.book[pod["id"]].seconds(clock.true_now()) == pytest.approx(6)


def test_or_it_is_pulled_for_ever_while_the_bill_runs(talk: Talk, clock: VirtualClock) -> None:
    talk.server.missing_image("ghcr.io/somebody/nothing:1", "loops")
    pod = talk.deploy(imageName="ghcr.io/somebody/nothing:1")
    clock.sleep(61)
    seen = talk.pod(pod["id"])
    assert (seen["desiredStatus"], seen["runtime"]) == ("RUNNING", None)
    with talk.log(pod["id"], "source=system") as events:
        lines = [next(events)["line"] for _ in range(15)]
    assert sum("pull access denied for ghcr.io/somebody/nothing" in line for line in lines) == 5
    assert sum("No such image" in line for line in lines) == 5
    assert talk.server.book[pod["id"]].runs


def test_a_host_may_never_give_a_port(talk: Talk, clock: VirtualClock) -> None:
    talk.server.next_life(gives_port=False)
    pod = talk.deploy()
    clock.sleep(3600)
    assert talk.pod(pod["id"])["runtime"]["ports"] is None
    assert talk.rest("GET", f"/pods/{pod['id']}").json()["ssh"]["direct"] is None


def test_a_pod_without_the_port_of_ssh_or_a_public_ip_has_no_address(talk: Talk, clock: VirtualClock) -> None:
    closed = talk.deploy(ports="8000/http")
    hidden = talk.deploy(gpuTypeId="NVIDIA A40", cloudType="COMMUNITY")
    clock.sleep(30)
    assert ssh_port(talk.pod(closed["id"])) is None
    assert ssh_port(talk.pod(hidden["id"])) is None


def test_a_volume_without_a_place_keeps_the_container_from_starting(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy(volumeInGb=20)
    clock.sleep(30)
    assert talk.pod(pod["id"])["runtime"] is None
    with talk.log(pod["id"], "source=system&tail=1") as events:
        assert "field Target must not be empty" in next(events)["line"]


def test_a_main_process_that_ends_is_started_again_and_the_bill_goes_on(talk: Talk, clock: VirtualClock) -> None:
    talk.server.next_life(restarts_every_seconds=10)
    pod = talk.deploy(containerDiskInGb=0)
    clock.sleep(3600)
    seen = talk.pod(pod["id"])
    assert seen["desiredStatus"] == "RUNNING"
    assert seen["runtime"]["uptimeInSeconds"] < 10
    assert talk.server.book[pod["id"]].cost_usd(clock.true_now()) == pytest.approx(0.86)


def test_the_platform_may_lose_sight_of_a_pod_that_runs(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy()
    clock.sleep(30)
    talk.server.pods[pod["id"]].life.runtime_hidden = True
    seen = talk.pod(pod["id"])
    assert (seen["desiredStatus"], seen["runtime"]) == ("RUNNING", None)


def test_the_platforms_own_timers_are_taken_and_never_kept(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy(terminateAfter="2026-09-21T15:00:00Z", stopAfter="2026-09-21T14:30:00Z")
    clock.sleep(5 * 3600)
    assert talk.pod(pod["id"])["desiredStatus"] == "RUNNING"


def test_ids_are_those_of_the_platform_and_the_seeds(server: CloudServer, talk: Talk) -> None:
    first, second = talk.deploy()["id"], talk.deploy()["id"]
    assert first != second
    assert all(len(pod_id) == 14 and pod_id.isalnum() and pod_id.islower() for pod_id in (first, second))
