"""Chooses which offers are tried, in which order, and says of every other type why it is not (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fluxctl.pods.gpu_names import nearest_types, type_of
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.passed_over import PassedOver
from fluxctl.pods.rent_wish import RentWish


@dataclass(frozen=True)
class Chosen:
    """What can be tried."""

    offers: tuple[Offer, ...]
    """In order, each with a price; perhaps none."""
    passed_over: tuple[PassedOver, ...]
    unknown: tuple[PassedOver, ...] = ()
    """The names among those passed over that the market does not know."""


def choose(offers: Sequence[Offer], wish: RentWish, *, balance_usd: float | None = None) -> Chosen:
    """Given everything that the market lists, what is wanted and the account's balance (None: not known), return what is tried.

    The wished types go in their order; of one type that two clouds have, the cheaper offer goes first.
    """
    chosen: list[Offer] = []
    passed: list[PassedOver] = []
    unknown: list[PassedOver] = []
    tried: set[str] = set()
    for name in wish.gpu_types:
        gpu_type = type_of(name, offers)
        if gpu_type is None:
            unknown.append(PassedOver(name, _no_such(name, offers)))
            passed.append(unknown[-1])
        elif gpu_type not in tried:
            tried.add(gpu_type)
            fitting, reason = _of_type([offer for offer in offers if offer.gpu_type == gpu_type], wish, balance_usd)
            chosen += fitting
            if not fitting:
                passed.append(PassedOver(gpu_type, reason))
    return Chosen(tuple(chosen), tuple(passed), tuple(unknown))


def _of_type(offers: Iterable[Offer], wish: RentWish, balance_usd: float | None) -> tuple[list[Offer], str]:
    """Return the offers of one type that fit, the cheapest first; where none does, why the one that came nearest does not."""
    fitting: list[tuple[float, Offer]] = []
    nearest = (-1, "RunPod lists it without an offer")
    for offer in offers:
        step, reason = _against(offer, wish, balance_usd)
        if reason:
            nearest = max(nearest, (step, reason))
        elif offer.price_per_hour_usd is not None:
            fitting.append((offer.price_per_hour_usd, offer))
    return [offer for _, offer in sorted(fitting, key=lambda pair: pair[0])], nearest[1]


def _against(offer: Offer, wish: RentWish, balance_usd: float | None) -> tuple[int, str]:
    """Return what speaks against an offer, "" for nothing, and at which question it failed: the later, the nearer it came."""
    price = offer.price_per_hour_usd
    where = f" in {wish.data_center}" if wish.data_center else ""
    driver = f" with CUDA {wish.cuda_floor} or newer" if wish.cuda_floor else ""
    questions = (
        (offer.gpu_type in wish.tried, "a machine of it was rented just now, and did not get ready"),
        (wish.volume_id is not None and offer.cloud != "secure", "network volumes can only be used in the Secure Cloud"),
        (wish.cloud not in ("any", offer.cloud), f"only the {offer.cloud} cloud has it"),
        (_elsewhere(offer, wish), f"it is not in {wish.data_center}"),
        (offer.memory_gb < wish.minimum_memory_gb, f"{offer.memory_gb} GB are less than {wish.minimum_memory_gb} GB"),
        (price is None, "nobody says what it costs"),
        (_over(price, wish.maximum_price_per_hour_usd), f"${price or 0:.2f}/h is over ${wish.maximum_price_per_hour_usd or 0:.2f}/h"),
        (_over(price, balance_usd), f"an hour costs ${price or 0:.2f}, and the balance is ${balance_usd or 0:.2f}"),
        (offer.stock is Stock.NONE, f"none in stock{where}{driver}"),
    )
    return next(((step, reason) for step, (failed, reason) in enumerate(questions) if failed), (len(questions), ""))


def _elsewhere(offer: Offer, wish: RentWish) -> bool:
    return None not in (wish.data_center, offer.data_center) and wish.data_center != offer.data_center


def _over(price: float | None, ceiling: float | None) -> bool:
    return price is not None and ceiling is not None and price > ceiling


def _no_such(name: str, offers: Sequence[Offer]) -> str:
    near = nearest_types(name, offers)
    return f"RunPod knows no such type; did you mean {' or '.join(near)}?" if near else "RunPod knows no such type"
