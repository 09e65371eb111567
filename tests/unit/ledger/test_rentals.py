"""The ledger's part about rented pods."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fluxctl.ledger import Intent, IntentState, Ledger, LedgerError, PodState, RentedPod

NAME = "fluxctl-0123abcd-89abcdef"
INTENT = Intent(NAME, "runpod", "user_1", 1000.0, "NVIDIA L40S", 0.86, "volume")
POD = RentedPod("pod1", NAME, "runpod", "user_1", "NVIDIA L40S", 0.90, 1001.0, 1001.0, 28800.0, "volume")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", lambda: 5000.0) as opened:
        yield opened


def test_an_intent_is_open_until_it_is_settled(ledger: Ledger) -> None:
    ledger.rentals.begin(INTENT)
    assert ledger.rentals.intents() == [INTENT]
    ledger.rentals.settle(NAME, IntentState.ABSENT, 1200.0)
    assert [intent.state for intent in ledger.rentals.intents()] == [IntentState.ABSENT]
    ledger.rentals.settle(NAME, IntentState.CLOSED, 1300.0)
    assert ledger.rentals.intents() == []
    assert ledger.rentals.intent(NAME) == replace(INTENT, state=IntentState.CLOSED, settled_at=1300.0)


def test_a_name_is_never_used_twice(ledger: Ledger) -> None:
    ledger.rentals.begin(INTENT)
    with pytest.raises(LedgerError):
        ledger.rentals.begin(INTENT)


def test_an_intent_is_there_after_a_crash(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", lambda: 0.0) as before:
        before.rentals.begin(INTENT)
    with Ledger(tmp_path / "ledger.db", lambda: 0.0) as after:
        assert after.rentals.intents() == [INTENT]
        assert after.rentals.names() == {NAME}


def test_a_pod_settles_its_intent_and_stays_open_until_it_is_gone(ledger: Ledger) -> None:
    ledger.rentals.begin(INTENT)
    ledger.rentals.adopt(POD, 1010.0)
    assert ledger.rentals.intents() == []
    assert ledger.rentals.open_pods() == [POD]
    ledger.rentals.ending("pod1", 4601.0)
    assert ledger.rentals.open_pods() == [replace(POD, state=PodState.ENDING, ended_at=4601.0)]
    ledger.rentals.gone("pod1", 4700.0)
    assert ledger.rentals.open_pods() == []
    ended = ledger.rentals.pod("pod1")
    assert ended is not None
    assert (ended.state, ended.ended_at, ended.cost_basis) == (PodState.GONE, 4601.0, "estimated")
    assert ended.cost_usd == pytest.approx(0.90)


def test_a_pod_that_is_gone_never_comes_back_in_the_ledger(ledger: Ledger) -> None:
    ledger.rentals.adopt(POD, 1010.0)
    ledger.rentals.gone("pod1", 2000.0)
    for change in (ledger.rentals.ending, ledger.rentals.stopped, ledger.rentals.resumed):
        change("pod1", 3000.0)
    ledger.rentals.adopt(POD, 3000.0)
    found = ledger.rentals.pod("pod1")
    assert found is not None
    assert (found.state, found.ended_at) == (PodState.GONE, 2000.0)


def test_a_stopped_time_costs_nothing(ledger: Ledger) -> None:
    ledger.rentals.adopt(POD, 1010.0)
    ledger.rentals.stopped("pod1", 1001.0 + 1800)
    ledger.rentals.resumed("pod1", 90_000.0)
    ledger.rentals.ending("pod1", 90_000.0 + 3600)
    ledger.rentals.gone("pod1", 99_999.0)
    ended = ledger.rentals.pod("pod1")
    assert ended is not None
    assert ended.cost_usd == pytest.approx(0.45 + 0.90)
    assert ended.latest_end_at == 90_000.0 + 28800.0


def test_a_pod_without_a_price_costs_nobody_knows_how_much(ledger: Ledger) -> None:
    ledger.rentals.adopt(replace(POD, price_per_hour_usd=None), 1010.0)
    ledger.rentals.gone("pod1", 2000.0)
    ended = ledger.rentals.pod("pod1")
    assert ended is not None
    assert ended.cost_usd is None


def test_what_was_billed_goes_before_an_estimate(ledger: Ledger) -> None:
    ledger.rentals.adopt(POD, 1010.0)
    ledger.rentals.cost("pod1", 1.23, "billed")
    ledger.rentals.gone("pod1", 2000.0)
    ended = ledger.rentals.pod("pod1")
    assert ended is not None
    assert (ended.cost_usd, ended.cost_basis) == (1.23, "billed")


def test_money_so_far_grows_with_time(ledger: Ledger) -> None:
    assert POD.cost_until(1001.0) == 0.0
    assert POD.cost_until(1001.0 + 7200) == pytest.approx(1.80)
    assert POD.cost_until(0.0) == 0.0
