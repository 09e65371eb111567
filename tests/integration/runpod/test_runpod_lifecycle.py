"""The contract of both transports: what a pod is, how it comes, and how it goes."""

import pytest
from tests.integration.runpod.conftest import GPU, NASTY, OTHER_GPU, order

from fluxctl.errors import UsageError
from fluxctl.pods.offer import Stock
from fluxctl.pods.rental import RentalState
from fluxctl.providers.runpod.errors import NoCapacityError, NoSuchPodError


def test_a_pod_is_made_as_it_was_ordered(api, server, clock):
    volume = server.add_volume("models", 80, "EU-RO-1")
    made = api.create(order(volume_id=volume.id, data_center="EU-RO-1", cuda_floor="12.8"))
    pod = server.pods[made.id]
    assert (pod.order.name, pod.order.image, pod.order.gpu_types, pod.order.gpu_count) == (
        "fluxctl-0a1b2c3d-11112222",
        "ghcr.io/somebody/fluxctl-pod:0.1.0",
        (GPU,),
        1,
    )
    assert (pod.order.volume_id, pod.order.mount_path, pod.order.disk_gb, pod.order.cuda_floor) == (volume.id, "/workspace", 60, "12.8")
    assert pod.order.clouds == ("SECURE",)
    assert pod.order.ports == ("22/tcp",)
    assert pod.order.environment["NASTY"] == NASTY


def test_every_field_of_a_pod_reads_the_same_over_both(tenant, server, later):
    volume = server.add_volume("models", 80, "EU-RO-1")
    made = tenant.open("graphql").create(order(volume_id=volume.id))
    later(60)
    first, second = (tenant.open(transport).rental(made.id) for transport in ("graphql", "rest"))
    assert first is not None
    assert second is not None
    different = {name for name in vars(first) if getattr(first, name) != getattr(second, name)}
    assert different <= {"reason"}
    assert first.state is RentalState.RUNNING
    assert (first.gpu_type, first.data_center, first.volume_id) == (GPU, "EU-RO-1", volume.id)
    assert first.price_per_hour_usd == pytest.approx(0.86)
    assert first.environment["NASTY"] == NASTY
    assert first.owner_id == "owner-1"


def differences(one: object, other: object) -> set[str]:
    return {name for name in vars(one) if getattr(one, name) != getattr(other, name)}


@pytest.mark.parametrize("life", [{}, {"pull_seconds": 1000}, {"stale_seconds": 100}, {"gone_shows_after_seconds": 600}])
@pytest.mark.parametrize("then", [None, "stop", "terminate"])
@pytest.mark.parametrize("seconds", [0.5, 10, 60, 400])
def test_a_pod_reads_the_same_over_both_at_every_point_of_its_life(tenant, server, later, life, then, seconds):
    server.next_life(**life)
    graphql, rest = tenant.open("graphql"), tenant.open("rest")
    made = rest.create(order(volume_disk_gb=20))
    later(seconds)
    if then is not None:
        getattr(graphql, then)(made.id)
        later(8)
    first, second = graphql.rental(made.id), rest.rental(made.id)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        # GraphQL names type and place with the machine, which a pod that was just ordered has not.
        not_yet = {"gpu_type", "data_center"} if first.gpu_type is None else set[str]()
        assert differences(first, second) <= {"reason", *not_yet}
        assert {rental.id for rental in graphql.rentals()} == {rental.id for rental in rest.rentals()}


@pytest.mark.parametrize("data_center", [None, "EU-RO-1", "US-TX-3"])
@pytest.mark.parametrize("cuda_floor", [None, "12.8"])
def test_the_offers_are_the_same_over_both(tenant, server, data_center, cuda_floor):
    server.stock(GPU, "Low", "EU-RO-1")
    server.stock(OTHER_GPU, "None")
    asked = {"data_center": data_center, "cuda_floor": cuda_floor}
    first, second = ({(offer.gpu_type, offer.cloud): offer for offer in tenant.open(way).offers(**asked)} for way in ("graphql", "rest"))
    assert first == second


def test_a_new_pod_is_starting_until_a_container_is_reported(api, server, later):
    server.next_life(pull_seconds=100)
    made = api.create(order())
    assert made.state is RentalState.STARTING
    later(50)
    assert api.rental(made.id).state is RentalState.STARTING
    assert api.rental(made.id).ssh_host is None
    later(60)
    running = api.rental(made.id)
    assert running.state is RentalState.RUNNING
    assert running.ssh_host
    assert running.ssh_port


def test_a_host_that_gives_no_port_has_no_address(api, server, later):
    server.next_life(gives_port=False)
    made = api.create(order())
    later(300)
    found = api.rental(made.id)
    assert found.state in (RentalState.STARTING, RentalState.RUNNING)
    assert (found.ssh_host, found.ssh_port) == (None, None)


def test_a_pod_whose_image_is_missing_is_stopped_with_a_reason(api, server, later):
    server.missing_image("ghcr.io/somebody/fluxctl-pod:0.1.0", "exits")
    made = api.create(order())
    later(10)
    found = api.rental(made.id)
    assert found.state is RentalState.STOPPED
    assert "exited" in found.reason.lower()


def test_the_list_holds_every_pod_of_the_account_and_no_other(api, tenant, server):
    assert api.rentals() == ()
    made = api.create(order())
    other = api.create(order(name="fluxctl-0a1b2c3d-33334444", gpu_type=OTHER_GPU))
    assert {rental.id for rental in api.rentals()} == {made.id, other.id}
    stranger = tenant.open(RUNPOD_API_KEY=server.add_key(account=server.add_account("other")))
    assert stranger.rentals() == ()


def test_what_was_never_there_is_none_and_its_end_is_no_error(api):
    assert api.rental("nosuchpod") is None
    api.terminate("nosuchpod")


def test_the_end_of_a_pod_ends_it_also_the_second_time(api, server, later):
    made = api.create(order())
    later(60)
    api.terminate(made.id)
    later(5)
    assert api.rental(made.id) is None
    api.terminate(made.id)
    assert not server.running


def test_a_pod_that_is_still_listed_as_ended_is_gone(api, server, later):
    server.next_life(gone_shows_after_seconds=30)
    made = api.create(order())
    later(60)
    api.terminate(made.id)
    shown = api.rental(made.id)
    assert shown is None or shown.state is not RentalState.STOPPED
    api.terminate(made.id)
    later(31)
    assert api.rental(made.id) is None


def test_a_pod_is_stopped_and_started_again_with_another_port(api, server, later):
    made = api.create(order(volume_disk_gb=20))
    later(60)
    before = api.rental(made.id).ssh_port
    api.stop(made.id)
    later(10)
    stopped = api.rental(made.id)
    assert stopped.state is RentalState.STOPPED
    assert (stopped.ssh_port, stopped.price_per_hour_usd) == (None, None)
    api.start(made.id)
    later(60)
    after = api.rental(made.id)
    assert after.state is RentalState.RUNNING
    assert after.ssh_port not in (None, before)


def test_a_pod_that_was_just_stopped_is_not_called_running_for_its_old_runtime(api, server, later):
    server.next_life(stale_seconds=60)
    made = api.create(order(volume_disk_gb=20))
    later(60)
    api.stop(made.id)
    later(1)
    assert api.rental(made.id).state is RentalState.STOPPED


@pytest.mark.parametrize("what", ["500_after_effect", "timeout_after_effect", "502_after_effect"])
def test_a_stop_that_was_done_unheard_is_well_the_second_time(api, server, later, what):
    made = api.create(order(volume_disk_gb=20))
    later(60)
    server.fault("stop", what)
    api.stop(made.id)
    later(10)
    assert api.rental(made.id).state is RentalState.STOPPED


def test_a_stopped_pod_whose_gpu_was_rented_to_somebody_else_says_so(api, server, later):
    server.next_life(host_taken=True)
    made = api.create(order(volume_disk_gb=20))
    later(60)
    api.stop(made.id)
    later(10)
    with pytest.raises(NoCapacityError, match="not enough free GPUs"):
        api.start(made.id)


def test_what_is_not_there_is_neither_stopped_nor_started(api):
    with pytest.raises(NoSuchPodError):
        api.stop("nosuchpod")
    with pytest.raises(NoSuchPodError):
        api.start("nosuchpod")


def test_offers_have_memory_price_and_stock_for_each_cloud(api, server):
    server.stock(GPU, "Low", cloud="SECURE")
    server.stock(GPU, "None", cloud="COMMUNITY")
    offers = {(offer.gpu_type, offer.cloud): offer for offer in api.offers()}
    secure, community = offers[GPU, "secure"], offers[GPU, "community"]
    assert (secure.gpu_name, secure.memory_gb, secure.price_per_hour_usd, secure.stock) == ("L40S", 48, 0.86, Stock.LOW)
    assert (community.price_per_hour_usd, community.stock) == (0.79, Stock.NONE)
    assert ("NVIDIA L4", "community") not in offers


def test_offers_of_one_data_centre_are_what_is_there(api, server):
    server.stock(GPU, "None", "EU-RO-1")
    there = {offer.gpu_type: offer.stock for offer in api.offers(data_center="EU-RO-1") if offer.cloud == "secure"}
    assert there[GPU] is Stock.NONE
    assert there["NVIDIA L40"] is Stock.HIGH
    assert there[OTHER_GPU] is Stock.NONE, "A40s are elsewhere"


def test_a_cuda_floor_that_no_host_has_leaves_nothing_in_stock(api):
    assert {offer.stock for offer in api.offers(cuda_floor="99.0") if offer.cloud == "secure"} == {Stock.NONE}


def test_a_text_that_no_request_can_carry_is_refused_before_anything_is_sent(api, server):
    broken = order(environment={"TOKEN": "secret-part \ud83d rest"})
    with pytest.raises(UsageError, match="cannot be sent") as caught:
        api.create(broken)
    assert "secret-part" not in str(caught.value)
    assert not server.calls


def test_the_account_says_what_it_has_where_the_transport_tells(api, server, transport):
    server.balance(12.5)
    account = api.account()
    if transport == "graphql":
        assert account.id == "user_2cloud"
        assert account.balance_usd == pytest.approx(12.5)
    else:
        assert account.balance_usd is None


def test_the_clock_of_runpod_is_read_from_the_answers(api, clock):
    clock.error_seconds = -600
    api.rentals()
    assert api.server_time_skew_seconds == pytest.approx(600, abs=2)
