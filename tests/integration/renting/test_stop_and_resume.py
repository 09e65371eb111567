"""`pod.end: stop`: a stopped pod is started again once; when its GPU is gone, that is said and asked."""

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.support.renter import Renter, plan

from fluxctl.ledger import PodState
from fluxctl.providers.base import StoppedPodLostError
from fluxctl.providers.runpod.guard import Guard

STOPPING = {"FLUXCTL_POD__END": "stop", "FLUXCTL_RUNPOD__VOLUME_DISK_GB": "60"}


@pytest.fixture
def stopper(both: Renter) -> Renter:
    both.variables.update(STOPPING)
    return both


def stopped(renter: Renter) -> str:
    """Rent a pod and stop it; return its id."""
    pod = renter.provider().create(plan(), renter.hear).pod
    renter.provider().end(pod, renter.hear)
    return pod.id


def test_down_stops_and_up_starts_again(stopper: Renter, server: CloudServer, clock: VirtualClock) -> None:
    server.next_life(stop_shows_after_seconds=30.0, old_port_seconds=20.0)
    pod_id = stopped(stopper)
    assert [entry.state for entry in stopper.entries] == [PodState.STOPPED]
    assert server.running == []
    assert stopper.provider().find() is None
    clock.sleep(100_000)
    creation = stopper.provider().create(plan(), stopper.hear)
    assert (creation.pod.id, creation.started) == (pod_id, True)
    assert [entry.state for entry in stopper.entries] == [PodState.LIVE]
    assert [pod.id for pod in server.running] == [pod_id]


def test_the_pod_stops_itself_in_the_same_way(stopper: Renter, server: CloudServer) -> None:
    pod_id = stopped(stopper)
    assert server.pods[pod_id].order.environment["FLUXPOD_END_ACTION"] == "stop"
    assert server.pods[pod_id].order.volume_gb == 60


def test_a_stop_that_does_not_show_becomes_an_end(stopper: Renter, server: CloudServer) -> None:
    server.next_life(stop_shows_after_seconds=10_000.0)
    stopped(stopper)
    assert server.book.left == []
    assert [entry.state for entry in stopper.entries] == [PodState.GONE]


def test_a_gpu_that_is_gone_is_said_and_given_up_only_when_agreed(stopper: Renter, server: CloudServer) -> None:
    server.next_life(host_taken=True)
    pod_id = stopped(stopper)
    with pytest.raises(StoppedPodLostError, match="is lost then") as raised:
        stopper.provider().create(plan(), stopper.hear)
    assert raised.value.code == "stopped_pod_lost"
    assert [entry.state for entry in stopper.entries] == [PodState.STOPPED]
    assert len(server.book) == 1
    creation = stopper.provider().create(plan(replace_stopped=True), stopper.hear)
    assert creation.pod.id != pod_id
    assert [entry.pod_id for entry in server.book.left] == [creation.pod.id]


def test_a_pod_that_stopped_by_itself_is_ended_where_it_was_not_to_stop(both: Renter, server: CloudServer) -> None:
    pod = both.provider().create(plan(), both.hear).pod
    both.provider().api.stop(pod.id)
    assert both.provider().find() is None
    creation = both.provider().create(plan(), both.hear)
    assert creation.pod.id != pod.id
    assert [entry.pod_id for entry in server.book.left] == [creation.pod.id]


def test_an_end_for_good_ends_a_stopped_pod(stopper: Renter, server: CloudServer) -> None:
    pod_id = stopped(stopper)
    stopper.provider().end_rental(pod_id, stopper.hear)
    assert server.book.left == []


def test_a_resumed_pod_that_does_not_come_up_is_not_ended_without_a_word(stopper: Renter, server: CloudServer) -> None:
    pod_id = stopped(stopper)
    server.pods[pod_id].life.gives_port = False
    with pytest.raises(StoppedPodLostError, match=r"does not come up.*is lost then"):
        stopper.provider().create(plan(), stopper.hear)
    assert [entry.pod_id for entry in server.book.left] == [pod_id]
    creation = stopper.provider().create(plan(replace_stopped=True), stopper.hear)
    assert creation.pod.id != pod_id
    assert [entry.pod_id for entry in server.book.left] == [creation.pod.id]


def test_a_resumed_pod_that_nobody_waits_for_is_stopped_again_by_its_guard(stopper: Renter, server: CloudServer) -> None:
    pod_id = stopped(stopper)
    provider = stopper.provider()
    pod = provider.create(plan(), stopper.hear).pod
    provider.note_ready(pod)
    provider.end(pod, stopper.hear)
    stopper.provider().create(plan(), stopper.hear)
    for file in (stopper.environment().paths.state / "pods").glob("*/attended"):
        file.unlink()
    assert not stopper.provider().tenant.attendance(pod_id).was_ready
    Guard(stopper.provider().tenant, stopper.entries[0], lambda _pod: (False, None), lambda _text: None).run()
    assert [entry.state for entry in stopper.entries] == [PodState.STOPPED]
    assert [entry.pod_id for entry in server.book.left] == [pod_id]


def test_a_resumed_pod_that_never_gets_ready_is_not_given_up(stopper: Renter, server: CloudServer) -> None:
    stopped(stopper)
    provider = stopper.provider()
    pod = provider.create(plan(), stopper.hear).pod
    assert provider.guard(pod)
    assert not provider.give_up(pod)
    assert [one.id for one in server.running] == [pod.id]
