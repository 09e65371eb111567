"""On what terms a pod is rented: flags over settings, and what the person has agreed to."""

import io
from dataclasses import replace

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import DeclinedError, NotReadyError, UsageError
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.pod import PodPlan
from fluxctl.pods.quote import Quote
from fluxctl.pods.rent_wish import RentWish
from fluxctl.services.renting import RentFlags, Renting, lifetime_seconds, rent_wish
from fluxctl.settings.load import Settings, load_settings
from fluxpod.pod_contract import Limits


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    variables = {"FLUXCTL_HOME": str(tmp_path), "FLUXCTL_RUNPOD__GPU_TYPES": "NVIDIA A40, NVIDIA L40S", "FLUXCTL_RUNPOD__CLOUD": "any"}
    return load_settings(Environment(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), variables=variables))


def quote(price: float) -> Quote:
    offer = Offer("NVIDIA A40", "A40", 48, price, "secure", None, Stock.HIGH)
    return Quote((offer,), (), price, 3600.0, price, 3600.0, 600.0, "an/image:1")


def plan(ceiling: float | None = None) -> PodPlan:
    return PodPlan("m", "embedded", Limits(), 1, 1.0, rent=RentWish(("NVIDIA A40",), ceiling))


def test_without_flags_the_settings_decide(settings: Settings) -> None:
    wish = rent_wish(RentFlags(), settings)
    assert (wish.gpu_types, wish.cloud, wish.maximum_price_per_hour_usd) == (("NVIDIA A40", "NVIDIA L40S"), "any", None)
    assert lifetime_seconds(RentFlags(), settings) == settings.values.pod.lifetime_seconds


def test_flags_go_before_settings(settings: Settings) -> None:
    wish = rent_wish(RentFlags(("RTX 4090",), 0.5, "secure", "EU-RO-1", 1.5), settings)
    assert (wish.gpu_types, wish.cloud, wish.maximum_price_per_hour_usd) == (("RTX 4090",), "secure", 0.5)
    assert (wish.data_center, wish.lifetime_seconds) == ("EU-RO-1", 5400.0)


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (RentFlags(maximum_price_per_hour_usd=0.0), "bad_price"),
        (RentFlags(maximum_price_per_hour_usd=float("nan")), "bad_price"),
        (RentFlags(maximum_hours=-1.0), "bad_hours"),
        (RentFlags(maximum_hours=1e9), "bad_hours"),
        (RentFlags(cloud="secur"), "unknown_cloud"),
    ],
)
def test_a_flag_without_meaning_is_refused(flags: RentFlags, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        flags.checked("runpod")
    assert caught.value.code == code


def test_a_flag_about_renting_is_refused_where_nothing_is_rented() -> None:
    with pytest.raises(UsageError, match="--gpu is about a rented pod, and the provider is local"):
        RentFlags(("RTX 4090",)).checked("local")
    assert RentFlags().checked("local") == RentFlags()


def test_nothing_is_rented_where_nobody_can_be_asked() -> None:
    with pytest.raises(NotReadyError) as caught:
        Renting().settled(plan(), lambda _plan: quote(0.5))
    assert "fluxctl up" in caught.value.hint


def test_what_costs_nothing_is_not_asked_about() -> None:
    free = replace(plan(), rent=None)
    assert Renting().settled(free, lambda _plan: pytest.fail("asked")) == free


def test_the_agreed_price_becomes_the_ceiling() -> None:
    asked: list[Quote] = []
    settled = Renting(ask=asked.append).settled(plan(), lambda _plan: quote(0.5))
    assert settled.rent is not None
    assert settled.rent.maximum_price_per_hour_usd == 0.5
    assert len(asked) == 1


def test_a_yes_holds_for_the_next_pod_without_another_question_unless_it_costs_more() -> None:
    asked: list[Quote] = []
    renting = Renting(ask=asked.append)
    renting.agree(quote(0.5))
    renting.settled(plan(), lambda _plan: pytest.fail("it was just quoted"))
    renting.settled(plan(), lambda _plan: quote(0.4))
    assert len(asked) == 1
    renting.settled(plan(), lambda _plan: quote(0.6))
    assert len(asked) == 2


def test_a_no_rents_nothing() -> None:
    def decline(_quote: Quote) -> None:
        raise DeclinedError("declined")

    with pytest.raises(DeclinedError):
        Renting(ask=decline).settled(plan(), lambda _plan: quote(0.5))
