"""Where a network volume serves best, and what it costs."""

import pytest

from fluxctl.pods.data_center import DataCenterStock
from fluxctl.pods.offer import Stock
from fluxctl.pods.volume import NetworkVolume
from fluxctl.pods.volume_place import volume_places
from fluxctl.pods.volume_price import price_words, storage_usd_per_month, volume_usd_per_month
from fluxctl.services.volume_plan import free_name

FIRST, SECOND, THIRD = "first", "second", "third"
WANTED = (FIRST, SECOND, THIRD)


def center(name: str, *, holds: bool = True, **gpus: Stock) -> DataCenterStock:
    return DataCenterStock(name, name.lower(), holds, gpus)


def order(*centers: DataCenterStock) -> list[str]:
    return [place.data_center for place in volume_places(centers, WANTED)]


def test_better_stock_and_earlier_wishes_go_first() -> None:
    low, high = center("A", first=Stock.LOW), center("B", first=Stock.HIGH)
    assert order(low, high) == ["B", "A"]
    assert order(center("A", third=Stock.HIGH), center("B", first=Stock.HIGH)) == ["B", "A"]


def test_several_choices_outweigh_a_single_one() -> None:
    several = center("B", second=Stock.HIGH, third=Stock.HIGH, first=Stock.LOW)
    assert order(center("A", first=Stock.HIGH), several) == ["B", "A"]


def test_a_place_that_cannot_hold_volumes_comes_last_whatever_it_has() -> None:
    assert order(center("A", holds=False, first=Stock.HIGH), center("B")) == ["B", "A"]


def test_unwanted_and_absent_gpus_are_worth_nothing() -> None:
    (place,) = volume_places([center("A", other=Stock.HIGH, first=Stock.NONE, second=Stock.UNKNOWN)], WANTED)
    assert (place.worth, place.in_stock) == (0, ())
    assert place.stock == ((FIRST, Stock.NONE), (SECOND, Stock.UNKNOWN))


def test_equal_places_have_one_order() -> None:
    assert order(center("B", first=Stock.LOW), center("A", first=Stock.LOW)) == ["A", "B"]


@pytest.mark.parametrize(("size_gb", "usd"), [(10, 0.70), (80, 5.60), (1000, 70.0), (1500, 95.0)])
def test_the_price_a_month(size_gb: int, usd: float) -> None:
    assert storage_usd_per_month(size_gb) == pytest.approx(usd)


@pytest.mark.parametrize(
    ("gpus", "unsaid", "words"),
    [
        ({FIRST: Stock.LOW, SECOND: Stock.UNKNOWN}, False, FIRST),
        ({FIRST: Stock.NONE, SECOND: Stock.UNKNOWN}, True, "its stock is not told"),
        ({FIRST: Stock.NONE}, False, "none of the wanted GPUs in stock now"),
        ({}, False, "none of the wanted GPUs in stock now"),
    ],
)
def test_what_is_not_told_is_never_called_none(gpus: dict[str, Stock], unsaid: bool, words: str) -> None:
    (place,) = volume_places([DataCenterStock("A", "a", True, gpus)], WANTED)
    assert (place.is_unsaid, place.words) == (unsaid, words)


def test_only_the_standard_tier_has_a_price() -> None:
    standard, other = NetworkVolume("1", "a", 80, "A"), NetworkVolume("2", "b", 80, "A", "HIGH_PERFORMANCE")
    assert [price_words(volume_usd_per_month(volume)) for volume in (standard, other)] == [
        "$5.60 a month",
        "price unknown (not the standard tier)",
    ]


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ((), "fluxctl"),
        (("models",), "fluxctl"),
        (("fluxctl",), "fluxctl-2"),
        (("fluxctl", "fluxctl-2"), "fluxctl-3"),
        (("fluxctl-2",), "fluxctl"),
    ],
)
def test_a_free_name(taken: tuple[str, ...], free: str) -> None:
    assert free_name([NetworkVolume(name, name, 80, "A") for name in taken]) == free
