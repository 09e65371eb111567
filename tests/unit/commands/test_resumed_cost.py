"""What a pod has cost that was stopped for a while: the stop is not counted."""

from dataclasses import replace

import pytest

from fluxctl.pods.pod import Pod
from fluxctl.pods.rental import Rental, RentalState
from fluxpod.pod_contract import Limits

RENTAL = Rental("p1", "fluxctl-1-2", RentalState.RUNNING, "", "NVIDIA L40S", 0.5, 0.0, "EU-RO-1", None, "i", "127.0.0.1", 22, {})
POD = Pod("p1", "runpod", 1000.0, "embedded", "embedded", Limits(lifetime_seconds=7200.0), rental=RENTAL)


def test_a_pod_that_was_never_stopped_costs_from_its_creation() -> None:
    assert POD.cost_usd(1000.0 + 3600) == 0.5
    assert POD.latest_end_at == 8200.0


def test_a_pod_that_was_started_again_costs_from_then_and_what_it_had_cost_before() -> None:
    again = replace(POD, resumed_at=100_000.0, earlier_cost_usd=0.25)
    assert again.cost_usd(100_000.0 + 1800) == pytest.approx(0.5)
    assert again.latest_end_at == 107_200.0


def test_a_pod_without_a_price_has_no_cost() -> None:
    assert replace(POD, rental=replace(RENTAL, price_per_hour_usd=None)).cost_usd(2000.0) is None
