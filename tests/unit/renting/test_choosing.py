"""Which offers are tried, and why the others are not."""

from dataclasses import replace

import pytest

from fluxctl.pods.choosing import choose
from fluxctl.pods.gpu_names import nearest_types, type_of
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.rent_wish import RentWish

L40S = Offer("NVIDIA L40S", "L40S", 48, 0.86, "secure", None, Stock.HIGH)
A40 = Offer("NVIDIA A40", "A40", 48, 0.44, "secure", None, Stock.LOW)
RTX4090 = Offer("NVIDIA GeForce RTX 4090", "RTX 4090", 24, 0.69, "secure", None, Stock.MEDIUM)
COMMUNITY = replace(RTX4090, cloud="community", price_per_hour_usd=0.34)
MARKET = (RTX4090, A40, COMMUNITY, L40S)
WISH = RentWish(("NVIDIA L40S", "NVIDIA A40", "NVIDIA GeForce RTX 4090"))


def only_reason(*offers: Offer, wish: RentWish, balance_usd: float | None = None) -> str:
    chosen = choose(offers, wish, balance_usd=balance_usd)
    assert not chosen.offers
    (passed,) = chosen.passed_over
    return passed.reason


def test_the_order_is_the_wished_one_and_of_two_clouds_the_cheaper_goes_first() -> None:
    assert choose(MARKET, WISH).offers == (L40S, A40, COMMUNITY, RTX4090)
    assert choose(MARKET, WISH).passed_over == ()


def test_a_type_that_is_named_twice_is_tried_once() -> None:
    assert choose(MARKET, RentWish(("NVIDIA A40", "a40"))).offers == (A40,)


@pytest.mark.parametrize(
    ("offer", "wish", "said"),
    [
        (replace(L40S, stock=Stock.NONE), RentWish(("L40S",)), "none in stock"),
        (replace(L40S, stock=Stock.NONE), RentWish(("L40S",), data_center="EU-RO-1"), "none in stock in EU-RO-1"),
        (replace(L40S, stock=Stock.NONE), RentWish(("L40S",), cuda_floor="12.8"), "none in stock with CUDA 12.8 or newer"),
        (L40S, RentWish(("L40S",), maximum_price_per_hour_usd=0.5), "$0.86/h is over $0.50/h"),
        (L40S, RentWish(("L40S",), minimum_memory_gb=80), "48 GB are less than 80 GB"),
        (L40S, RentWish(("L40S",), cloud="community"), "only the secure cloud has it"),
        (replace(L40S, data_center="US-KS-2"), RentWish(("L40S",), data_center="EU-RO-1"), "it is not in EU-RO-1"),
        (COMMUNITY, RentWish(("RTX 4090",), volume_id="v"), "network volumes can only be used in the Secure Cloud"),
        (replace(L40S, price_per_hour_usd=None), RentWish(("L40S",)), "nobody says what it costs"),
    ],
)
def test_each_type_passed_over_is_named_with_its_reason(offer: Offer, wish: RentWish, said: str) -> None:
    assert only_reason(offer, wish=wish) == said


def test_an_offer_that_costs_more_than_the_balance_for_an_hour_is_passed_over() -> None:
    assert only_reason(L40S, wish=RentWish(("L40S",)), balance_usd=0.5) == "an hour costs $0.86, and the balance is $0.50"
    assert choose([L40S], RentWish(("L40S",)), balance_usd=0.86).offers == (L40S,)


def test_a_price_at_the_ceiling_is_taken() -> None:
    assert choose([L40S], RentWish(("L40S",), maximum_price_per_hour_usd=0.86)).offers == (L40S,)


def test_of_two_clouds_the_reason_of_the_one_that_came_nearer_is_told() -> None:
    wish = RentWish(("RTX 4090",), maximum_price_per_hour_usd=0.5)
    assert only_reason(RTX4090, replace(COMMUNITY, stock=Stock.NONE), wish=wish) == "none in stock"


def test_unknown_stock_is_tried() -> None:
    unknown = replace(L40S, stock=Stock.UNKNOWN)
    assert choose([unknown], RentWish(("L40S",))).offers == (unknown,)


def test_an_unknown_name_is_passed_over_with_the_nearest_ones() -> None:
    chosen = choose(MARKET, RentWish(("NVIDIA RTX 4900", "NVIDIA A40")))
    assert chosen.offers == (A40,)
    assert chosen.unknown == chosen.passed_over
    assert "did you mean NVIDIA GeForce RTX 4090" in chosen.unknown[0].reason


@pytest.mark.parametrize("typed", ["RTX 4090", "rtx 4090", "NVIDIA GeForce RTX 4090", "nvidia geforce rtx 4090"])
def test_a_type_is_known_by_its_id_and_its_short_name(typed: str) -> None:
    assert type_of(typed, MARKET) == "NVIDIA GeForce RTX 4090"


def test_a_part_of_a_name_leads_to_the_types_that_hold_it() -> None:
    assert list(nearest_types("4090", MARKET)) == ["NVIDIA GeForce RTX 4090"]
    assert list(nearest_types("zzzzzz", MARKET)) == []
