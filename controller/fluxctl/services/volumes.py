"""Tells the network volumes of the account, and whether the one that is set can be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fluxctl.errors import FluxctlError, ProviderError, UsageError
from fluxctl.pods.volume import NetworkVolume
from fluxctl.pods.volume_place import VolumePlace, volume_places
from fluxctl.pods.volume_price import price_words, volume_usd_per_month
from fluxctl.providers.runpod.api import RunpodApi
from fluxctl.settings.gpu_types import gpu_types_of
from fluxctl.settings.load import Settings


@dataclass(frozen=True)
class VolumeView:
    """A volume of the account, and what its data centre has now."""

    volume: NetworkVolume
    chosen: bool
    """It is `runpod.volume_id`."""
    place: VolumePlace | None
    """None: RunPod lists no such data centre."""

    @property
    def usd_per_month(self) -> float | None:
        """Return its price, None where RunPod tells none."""
        return volume_usd_per_month(self.volume)

    @property
    def in_stock(self) -> tuple[str, ...]:
        """Return the wanted GPU types that can be had where it lies."""
        return self.place.in_stock if self.place else ()

    @property
    def stock_words(self) -> str:
        """Return what of the wanted GPUs can be had there, for people."""
        return "RunPod lists no such data centre" if self.place is None else self.place.words

    @property
    def words(self) -> str:
        """Return the volume for people."""
        return f"{volume_words(self.volume)}; there: {self.stock_words}"

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**volume_document(self.volume), "chosen": self.chosen, "stock": stock_document(self.place)}


def wanted_gpus(settings: Settings) -> tuple[str, ...]:
    """Return the GPU types that a pod is rented with, the first choice first."""
    return gpu_types_of(settings.values.runpod.gpu_types)


def list_volumes(api: RunpodApi, settings: Settings) -> tuple[VolumeView, ...]:
    """Return the account's volumes, the chosen one and those that serve best first; raise what `providers.runpod.errors` lists."""
    found = api.volumes()
    places = places_of(api, settings) if found else dict[str, VolumePlace]()
    views = [VolumeView(volume, volume.id == settings.values.runpod.volume_id, places.get(volume.data_center)) for volume in found]
    return tuple(sorted(views, key=lambda view: (not view.chosen, -(view.place.worth if view.place else 0), view.volume.name)))


def places_of(api: RunpodApi, settings: Settings) -> Mapping[str, VolumePlace]:
    """Return data centre → what it has, the best one first."""
    return {place.data_center: place for place in volume_places(api.stock(), wanted_gpus(settings))}


def volume_gone(volume_id: str) -> ProviderError:
    """Given the id of `runpod.volume_id`, say that the account has no such volume."""
    why = f"the account has no network volume {volume_id} (runpod.volume_id): it was deleted, or it belongs to another account"
    return ProviderError(why, hint="fluxctl volume ls, then fluxctl init --volume ID (or new)", code="volume_gone")


def volume_misfit(volume: NetworkVolume, settings: Settings) -> FluxctlError | None:
    """Given the volume that is set, return what else in the settings keeps every pod from having it, None for nothing."""
    runpod = settings.values.runpod
    if runpod.cloud == "community":
        why = f"runpod.cloud is community, and network volumes such as {volume.id} can only be used in the Secure Cloud"
        return UsageError(why, hint="fluxctl config set runpod.cloud secure", code="volume_cloud")
    if runpod.data_center not in (None, volume.data_center):
        why = f"the volume {volume.id} lies in {volume.data_center}, and runpod.data_center is {runpod.data_center}: no pod has both"
        return UsageError(why, hint=f"fluxctl config set runpod.data_center {volume.data_center}", code="volume_data_center")
    return None


def volume_words(volume: NetworkVolume) -> str:
    """Return a volume for people."""
    return f"{volume.id} ({volume.name}): {volume.size_gb} GB in {volume.data_center}, {price_words(volume_usd_per_month(volume))}"


def volume_document(volume: NetworkVolume) -> dict[str, Any]:
    """Return a volume for JSON."""
    price = volume_usd_per_month(volume)
    known = {"id": volume.id, "name": volume.name, "size_gb": volume.size_gb, "data_center": volume.data_center}
    return {**known, "usd_per_month": None if price is None else round(price, 2)}


def stock_document(place: VolumePlace | None) -> dict[str, str]:
    """Return GPU type → stock for JSON, of the wanted types."""
    return {gpu: str(stock) for gpu, stock in place.stock} if place else {}
