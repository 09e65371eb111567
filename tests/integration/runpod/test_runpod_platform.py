"""What only REST offers: volumes, stock in each data centre, logs and bills."""

import pytest
from tests.integration.runpod.conftest import GPU, order

from fluxctl.errors import FluxctlError
from fluxctl.pods.offer import Stock
from fluxctl.providers.runpod import errors


@pytest.fixture
def platform(tenant):
    return tenant.open("auto")


def test_volumes_are_listed_and_made(platform, server):
    assert platform.volumes() == ()
    made = platform.create_volume("models", 80, "EU-RO-1")
    assert (made.name, made.size_gb, made.data_center) == ("models", 80, "EU-RO-1")
    assert platform.volumes() == (made,)


def test_a_volume_is_never_made_twice(platform, server):
    server.fault("create_volume", "500_after_effect")
    with pytest.raises(errors.UnknownOutcomeError):
        platform.create_volume("models", 80, "EU-RO-1")
    assert len(server.called("create_volume")) == 1
    assert len(platform.volumes()) == 1


def test_a_failed_list_of_volumes_is_no_empty_one(platform, server):
    server.fault("volumes", "500", times=None)
    with pytest.raises(errors.UnreachableError):
        platform.volumes()


def test_each_data_centre_says_what_it_has_and_whether_volumes_can_be_there(platform, server):
    server.stock(GPU, "Low", "EU-RO-1")
    places = {place.id: place for place in platform.stock()}
    assert places["EU-RO-1"].holds_volumes
    assert places["EU-RO-1"].gpus[GPU] is Stock.LOW
    assert not places["US-TX-3"].holds_volumes
    assert GPU not in places["EU-SE-1"].gpus


def test_the_system_log_tells_of_the_pull(platform, server, later):
    server.next_life(pull_error="manifest unknown")
    made = platform.create(order())
    later(60)
    lines = platform.system_log(made.id)
    assert any("manifest unknown" in line for line in lines)
    assert len(platform.system_log(made.id, tail=2)) == 2


def test_the_log_of_what_is_not_there_is_an_error(platform):
    with pytest.raises(errors.NoSuchPodError):
        platform.system_log("nosuchpod")


@pytest.mark.parametrize("what", ["500", "403", "html", "timeout"])
def test_a_log_that_cannot_be_read_is_an_error_and_not_an_empty_one(platform, server, later, what):
    made = platform.create(order())
    later(30)
    server.fault("logs", what, times=None)
    with pytest.raises(FluxctlError):
        platform.system_log(made.id)


def test_a_log_is_followed_until_the_pod_is_gone_each_line_once(platform, server, later):
    made = platform.create(order())
    later(30)
    begun = platform.system_log(made.id)
    followed = platform.follow_log(made.id, system=True)
    first = [next(followed) for _ in begun]
    platform.terminate(made.id)
    assert tuple(first) == begun
    rest = list(followed)
    assert not set(rest) & set(begun)


def test_a_log_that_breaks_off_goes_on_after_its_last_line(platform, server, later):
    made = platform.create(order())
    later(30)
    begun = platform.system_log(made.id)
    server.fault("logs", "cut")
    followed = platform.follow_log(made.id, system=True)
    found = [next(followed) for _ in begun]
    platform.terminate(made.id)
    assert tuple(found) == begun
    assert not set(followed) & set(begun)


def test_bills_add_up_to_what_the_account_book_says(platform, server, later):
    server.market.billing_delay_seconds = 0
    made = platform.create(order())
    later(3600)
    platform.terminate(made.id)
    later(3600)
    bills = platform.billing(made.id, made.created_at)
    assert {bill.pod_id for bill in bills} == {made.id}
    assert sum(bill.amount_usd for bill in bills) == pytest.approx(server.book[made.id].cost_usd(server.now()), abs=0.01)
