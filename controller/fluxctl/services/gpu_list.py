"""Lists the GPU types that can be rented: memory, price, stock, and what a picture costs on them as far as this ledger knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.ledger import Ledger
from fluxctl.pods.gpu_names import type_of
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.rent_wish import RentWish
from fluxctl.providers.runpod.api import RunpodApi
from fluxctl.services.account import runpod_account
from fluxctl.services.choice import RUNPOD, default_model
from fluxctl.services.renting import RentFlags, rent_wish
from fluxctl.settings.load import Settings
from fluxctl.settings.resolve import model_for
from fluxctl.wish import Wish

SCHEMA = 1


@dataclass(frozen=True)
class GpuLine:
    """One GPU type in one cloud."""

    offer: Offer
    wanted: int | None
    """Its place among the types that are tried, from 1; None: it is none of them."""
    seconds_a_picture: float | None
    """With the model that is made by default; None: none was ever made on it."""

    @property
    def cents_a_picture(self) -> float | None:
        """Return what a picture costs at today's price; None where it is not known how long one takes."""
        if self.seconds_a_picture is None or self.offer.price_per_hour_usd is None:
            return None
        return self.offer.price_per_hour_usd / 3600 * self.seconds_a_picture * 100

    def document(self) -> dict[str, Any]:
        """Return its part of the JSON object."""
        offer = {**vars(self.offer), "stock": str(self.offer.stock)}
        return {**offer, "wanted": self.wanted, "seconds_a_picture": self.seconds_a_picture, "cents_a_picture": self.cents_a_picture}


@dataclass(frozen=True)
class GpuLines:
    """What can be rented now."""

    lines: tuple[GpuLine, ...]
    model: str
    data_center: str | None
    """None: anywhere."""

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `gpus --json`."""
        gpus = [line.document() for line in self.lines]
        return {"schema": SCHEMA, "provider": RUNPOD, "data_center": self.data_center, "model": self.model, "gpus": gpus, "error": None}


def list_gpus(environment: Environment, settings: Settings, flags: RentFlags, *, every: bool) -> GpuLines:
    """Return what RunPod rents out where a pod would be rented; `every`: also what is not in stock."""
    wish = rent_wish(flags.checked(RUNPOD), settings)
    model = model_for(Wish(), settings, default_model(gpu=True))
    with runpod_account(environment, settings) as api:
        place = wish.data_center or _volume_place(api, wish.volume_id)
        offers = api.offers(data_center=place)
    with Ledger.open(environment) as ledger:
        paces = ledger.seconds_a_picture(model)
    fitting = [offer for offer in offers if _fits(offer, wish)]
    return GpuLines(tuple(gpu_lines(fitting, wish.gpu_types, paces, every=every)), model, place)


def gpu_lines(offers: Sequence[Offer], wanted: Sequence[str], paces: Mapping[str, float], *, every: bool) -> list[GpuLine]:
    """Given what the market lists, the wanted types in order and the seconds that a picture took on each type, return the lines:
    the wanted ones first, then the others by price."""
    ids = [type_of(name, offers) for name in wanted]
    lines = [
        GpuLine(offer, ids.index(offer.gpu_type) + 1 if offer.gpu_type in ids else None, paces.get(offer.gpu_type))
        for offer in offers
        if every or offer.gpu_type in ids or offer.stock is not Stock.NONE
    ]
    return sorted(lines, key=lambda line: (line.wanted or len(ids) + 1, line.offer.price_per_hour_usd or float("inf"), line.offer.gpu_type))


def _fits(offer: Offer, wish: RentWish) -> bool:
    """Return whether cloud and price are within the wish; a price that is not known is shown."""
    ceiling, price = wish.maximum_price_per_hour_usd, offer.price_per_hour_usd
    return wish.cloud in ("any", offer.cloud) and (ceiling is None or price is None or price <= ceiling)


def _volume_place(api: RunpodApi, volume_id: str | None) -> str | None:
    """Return the data centre of the network volume, None where there is none; raise SettingsError when it is gone."""
    if volume_id is None:
        return None
    for volume in api.volumes():
        if volume.id == volume_id:
            return volume.data_center
    raise SettingsError(
        f"the network volume {volume_id} (runpod.volume_id) does not exist", hint="fluxctl volume ls", code="no_such_volume"
    )
