"""Where a network volume serves best, and what it costs."""

import pytest

from fluxctl.pods.data_center import DataCenterStock
from fluxctl.pods.offer import Stock
from fluxctl.pods.volume_place import volume_places
from fluxctl.pods.volume_price import storage_usd_per_month

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
