"""Every way in which an order can go wrong: one pod at most comes of it, and nothing is left running unseen."""

from collections.abc import Callable

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.support.renter import A40, L40S, RTX4090, Renter, plan

from fluxctl.errors import NoCapacityError, NotConfirmedError, NotReadyError, ProviderError
from fluxctl.ledger import IntentState, PodState
from fluxctl.pods.progress import Stage
from fluxctl.pods.settlement import LOOK_UP_SECONDS, OPEN_SECONDS
from fluxctl.services.sweep import sweep_with

AFTER_EFFECT = ["timeout", "reset", "cut", "500", "502", "524", "html", "null", "429"]


def states(renter: Renter) -> list[IntentState]:
    with renter.ledger() as ledger:
        names = ledger.rentals.names()
        found = [ledger.rentals.intent(name) for name in names]
    return sorted(intent.state for intent in found if intent is not None)


@pytest.mark.parametrize("what", AFTER_EFFECT)
def test_a_pod_that_was_made_without_an_answer_is_found_by_its_name(both: Renter, server: CloudServer, what: str) -> None:
    server.fault("create", f"{what}_after_effect")
    creation = both.provider().create(plan(), both.hear)
    assert creation.started
    assert len(server.book) == 1
    assert [pod.id for pod in server.running] == [creation.pod.id]
    assert states(both) == [IntentState.ADOPTED]


@pytest.mark.parametrize("what", ["timeout", "500", "html"])
def test_nothing_else_is_ordered_before_180_seconds_have_passed(both: Renter, server: CloudServer, clock: VirtualClock, what: str) -> None:
    server.fault("create", what)
    moments: list[float] = []
    creation = both.provider().create(plan(), lambda progress: moments.append(clock.true_now()))
    first, second = server.called("create")
    assert len(server.book) == 1
    assert server.pods[creation.pod.id].created_at - moments[0] >= LOOK_UP_SECONDS
    assert first is not second
    assert states(both) == [IntentState.ABSENT, IntentState.ADOPTED]


def test_a_gpu_whose_pool_the_account_may_not_use_is_passed_over(both: Renter, server: CloudServer) -> None:
    server.fault("create", "403", times=2)  # of either cloud
    creation = both.provider().create(plan(), both.hear)
    assert server.pods[creation.pod.id].order.gpu_types == (A40,)
    assert len(server.book) == 1
    assert states(both).count(IntentState.ADOPTED) == 1


def test_a_pod_that_comes_late_is_ended(renter: Renter, server: CloudServer, clock: VirtualClock) -> None:
    server.fault("create", "late", seconds=LOOK_UP_SECONDS + 400)
    creation = renter.provider().create(plan(), renter.hear)
    clock.sleep(600)
    assert len(server.running) == 2
    notes = renter.provider().settle(renter.hear)
    assert "given up" in notes[0]
    assert [pod.id for pod in server.running] == [creation.pod.id]
    assert renter.open_intents == []


def test_after_a_day_a_late_pod_is_not_looked_for_any_more(renter: Renter, server: CloudServer, clock: VirtualClock) -> None:
    server.fault("create", "timeout")
    renter.provider().create(plan(), renter.hear)
    assert [intent.state for intent in renter.open_intents] == [IntentState.ABSENT]
    clock.sleep(OPEN_SECONDS + 1)
    renter.provider().settle(renter.hear)
    assert renter.open_intents == []
    before = len(server.calls)
    assert renter.provider().settle(renter.hear) == ()
    assert len(server.calls) == before


def test_a_list_that_fails_says_nothing_about_the_order(renter: Renter, server: CloudServer) -> None:
    server.fault("create", "timeout_after_effect")
    server.fault("list", "502", times=None, skip=2)
    with pytest.raises(NotConfirmedError) as raised:
        renter.provider().create(plan(), renter.hear)
    assert raised.value.exit_code == 8
    assert states(renter) == [IntentState.OPEN]
    assert len(server.called("create")) == 1
    server.faults.clear()
    creation = renter.provider().create(plan(), renter.hear)
    assert [pod.id for pod in server.running] == [creation.pod.id]
    assert len(server.book) == 1


@pytest.mark.parametrize("wrong", [-90_000.0, 90_000.0])
def test_a_wrong_clock_neither_waits_for_ever_nor_orders_twice(
    renter: Renter, server: CloudServer, clock: VirtualClock, wrong: float
) -> None:
    server.fault("create", "timeout_after_effect", then=lambda: setattr(clock, "error_seconds", wrong))
    creation = renter.provider().create(plan(), renter.hear)
    assert len(server.book) == 1
    renter.provider().end(creation.pod, renter.hear)
    assert server.book.left == []


@pytest.mark.parametrize("what", ["no_capacity", "no_cuda_host", "machine_full"])
def test_without_capacity_the_next_type_is_ordered(both: Renter, server: CloudServer, what: str) -> None:
    server.fault("create", what)
    creation = both.provider().create(plan(L40S, A40, cloud="secure"), both.hear)
    assert server.pods[creation.pod.id].order.gpu_types == (A40,)
    assert len(server.book) == 1
    assert both.open_intents == []


def test_at_most_three_offers_are_tried_and_each_is_named(renter: Renter, server: CloudServer) -> None:
    server.fault("create", "no_capacity", times=None)
    with pytest.raises(NoCapacityError) as raised:
        renter.provider().create(plan(L40S, A40, RTX4090, "NVIDIA L40", cloud="secure"), renter.hear)
    assert len(server.called("create")) == 3
    assert raised.value.exit_code == 5
    for gpu in (L40S, A40, RTX4090):
        assert gpu in raised.value.message
    assert renter.open_intents == []


@pytest.mark.parametrize(("what", "code"), [("balance", "balance"), ("spending_limit", "spending_limit"), ("401", "key_refused")])
def test_what_no_other_offer_would_change_is_said_at_once(both: Renter, server: CloudServer, what: str, code: str) -> None:
    server.fault("create", what)
    with pytest.raises(Exception, match=r"\w") as raised:
        both.provider().create(plan(), both.hear)
    assert getattr(raised.value, "code", "") == code
    assert len(server.called("create")) == 1
    assert both.open_intents == []


def test_a_pod_that_exits_at_once_is_ended_and_the_next_tried(both: Renter, server: CloudServer) -> None:
    server.next_life(exits_after_seconds=6.0)
    creation = both.provider().create(plan(), both.hear)
    assert [pod.id for pod in server.running] == [creation.pod.id]
    assert len(server.book) == 2
    both.provider().settle(both.hear)
    assert [entry.pod_id for entry in server.book.left] == [creation.pod.id]
    assert any("ended at once" in progress.detail for progress in both.said if progress.stage is Stage.ENDING)


def test_a_host_that_never_gives_a_port_is_given_up(both: Renter, server: CloudServer, clock: VirtualClock) -> None:
    server.next_life(gives_port=False)
    before = clock.true_now()
    creation = both.provider().create(plan(), both.hear)
    assert [pod.id for pod in server.running] == [creation.pod.id]
    assert clock.true_now() - before < 400


def test_a_pull_that_loops_is_seen_in_the_system_log(both: Renter, server: CloudServer, clock: VirtualClock) -> None:
    server.next_life(pull_error="toomanyrequests: You have reached your pull rate limit")
    before = clock.true_now()
    creation = both.provider().create(plan(), both.hear)
    assert [pod.id for pod in server.running] == [creation.pod.id]
    assert clock.true_now() - before < 300


def test_an_image_that_no_machine_can_pull_ends_it_at_the_first(renter: Renter, server: CloudServer) -> None:
    server.next_life(pull_error="error pulling image: manifest unknown")
    with pytest.raises(NotReadyError, match="neither could another one"):
        renter.provider().create(plan(), renter.hear)
    assert len(server.book) == 1
    assert server.book.left == []
    assert [entry.state for entry in renter.entries] == [PodState.GONE]


def test_when_no_machine_comes_up_all_of_them_are_gone(renter: Renter, server: CloudServer) -> None:
    for _ in range(3):
        server.next_life(exits_after_seconds=3.0)
    with pytest.raises(NotReadyError, match="no rented machine came up") as raised:
        renter.provider().create(plan(L40S, A40, RTX4090), renter.hear)
    assert raised.value.exit_code == 6
    assert len(server.book) == 3
    assert server.book.left == []
    assert {entry.state for entry in renter.entries} == {PodState.GONE}


def test_a_bad_pod_that_does_not_end_stops_everything(renter: Renter, server: CloudServer) -> None:
    server.next_life(exits_after_seconds=3.0, ignored_ends=1000)
    with pytest.raises(NotConfirmedError):
        renter.provider().create(plan(), renter.hear)
    assert len(server.book) == 1


def test_no_money_left_while_it_starts_is_told_as_such(renter: Renter, server: CloudServer) -> None:
    server.next_life(exits_after_seconds=3.0, exit_words="Exited by RunPod: Insufficient balance")
    with pytest.raises(ProviderError) as raised:
        renter.provider().create(plan(), renter.hear)
    assert raised.value.code == "balance"
    assert server.book.left == []


@pytest.mark.parametrize("what", ["timeout", "502", "429", "html"])
def test_a_market_that_stutters_while_the_pod_starts_changes_nothing(both: Renter, server: CloudServer, what: str) -> None:
    server.fault(("get", "logs"), what, times=6, skip=1)
    creation = both.provider().create(plan(), both.hear)
    assert creation.pod.rental is not None
    assert len(server.book) == 1


class Crash(BaseException):
    """The process is gone: nothing that it would have done afterwards happens."""


@pytest.mark.parametrize("skip", range(8))
def test_a_crash_after_any_answer_is_recovered_by_the_next_command(renter: Renter, server: CloudServer, skip: int) -> None:
    _crash_at(renter, server, skip)
    second = renter.provider()
    second.settle(renter.hear)
    creation = second.create(plan(), renter.hear)
    assert [pod.id for pod in server.running] == [creation.pod.id]
    assert renter.open_intents == []
    renter.provider().end(creation.pod, renter.hear)
    sweep_with(renter.provider(), apply=True)
    assert server.book.left == []


def _crash_at(renter: Renter, server: CloudServer, skip: int) -> None:
    """Begin to rent, and crash at the report number `skip`."""
    left = skip

    def crash(_progress: object) -> None:
        nonlocal left
        if left == 0:
            raise Crash
        left -= 1

    report: Callable[[object], None] = crash
    with pytest.raises(Crash):
        renter.provider().create(plan(), report)


def test_a_crash_between_effect_and_answer_is_recovered(both: Renter, server: CloudServer, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = both.provider()
    create = provider.api.create

    def crashing(order: object) -> object:
        create(order)  # pyright: ignore[reportArgumentType]
        raise Crash

    monkeypatch.setattr(provider.api, "create", crashing)
    with pytest.raises(Crash):
        provider.create(plan(), both.hear)
    assert len(server.running) == 1
    assert states(both) == [IntentState.OPEN]
    assert "was made, and is used" in both.provider().settle(both.hear)[0]
    found = both.provider().find()
    assert found is not None
    assert [pod.id for pod in server.running] == [found.id]
    both.provider().end(found, both.hear)
    assert server.book.left == []
