"""Lists the network volumes of the account, plans a new one where the wanted GPUs are, and makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fluxctl.errors import NoCapacityError, SettingsError, UsageError
from fluxctl.pods.volume import NetworkVolume
from fluxctl.pods.volume_place import VolumePlace, volume_places
from fluxctl.pods.volume_price import storage_usd_per_month
from fluxctl.providers.runpod.api import RunpodApi
from fluxctl.settings.gpu_types import gpu_types_of
from fluxctl.settings.load import Settings
from fluxctl.settings.nearest import suggestion

OWN_NAME = "fluxctl"
"""Of a volume that fluxctl makes, and how the name of one begins that it takes without being told to."""
SMALLEST_GB, LARGEST_GB = 10, 4096


@dataclass(frozen=True)
class VolumeView:
    """A volume of the account, and what its data centre has now."""

    volume: NetworkVolume
    chosen: bool
    """It is `runpod.volume_id`."""
    place: VolumePlace | None
    """None: RunPod lists no such data centre."""

    @property
    def usd_per_month(self) -> float:
        """Return its price."""
        return storage_usd_per_month(self.volume.size_gb)

    @property
    def in_stock(self) -> tuple[str, ...]:
        """Return the wanted GPU types that can be had where it lies."""
        return self.place.in_stock if self.place else ()

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**volume_document(self.volume), "chosen": self.chosen, "stock": stock_document(self.place)}


@dataclass(frozen=True)
class VolumeWish:
    """What a new volume is to be; None: decided by settings and stock."""

    name: str | None = None
    size_gb: int | None = None
    data_center: str | None = None


@dataclass(frozen=True)
class VolumePlan:
    """A volume that may be made."""

    name: str
    size_gb: int
    place: VolumePlace

    @property
    def usd_per_month(self) -> float:
        """Return its price."""
        return storage_usd_per_month(self.size_gb)

    @property
    def words(self) -> str:
        """Return it for people."""
        has = ", ".join(self.place.in_stock) or "none of the wanted GPUs in stock now"
        return f"{self.name}: {self.size_gb} GB in {self.place.data_center}, ${self.usd_per_month:.2f} a month ({has})"

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        known = {"name": self.name, "size_gb": self.size_gb, "data_center": self.place.data_center}
        return {**known, "usd_per_month": round(self.usd_per_month, 2), "stock": stock_document(self.place)}


def wanted_gpus(settings: Settings) -> tuple[str, ...]:
    """Return the GPU types that a pod is rented with, the first choice first."""
    return gpu_types_of(settings.values.runpod.gpu_types)


def list_volumes(api: RunpodApi, settings: Settings) -> tuple[VolumeView, ...]:
    """Return the account's volumes, those whose data centre serves best first; raise what `providers.runpod.errors` lists."""
    found = api.volumes()
    places = _places(api, settings) if found else dict[str, VolumePlace]()
    views = [VolumeView(volume, volume.id == settings.values.runpod.volume_id, places.get(volume.data_center)) for volume in found]
    return tuple(sorted(views, key=lambda view: (not view.chosen, -(view.place.worth if view.place else 0), view.volume.name)))


def plan_volume(api: RunpodApi, settings: Settings, wish: VolumeWish, taken: Sequence[NetworkVolume]) -> VolumePlan:
    """Given a wish and the volumes that there are, return what would be made; nothing is.

    Raise UsageError for a size, a name or a place that cannot be, NoCapacityError where nothing wanted is in stock anywhere.
    """
    values = settings.values.runpod
    size_gb = values.volume_size_gb if wish.size_gb is None else wish.size_gb
    if not SMALLEST_GB <= size_gb <= LARGEST_GB:
        why = f"a volume of {size_gb} GB is out of range: {SMALLEST_GB} to {LARGEST_GB}"
        raise UsageError(why, hint="fluxctl volume create --size 80", code="volume_size")
    name = (wish.name or OWN_NAME).strip()
    _refuse_taken(name, taken)
    return VolumePlan(name, size_gb, _chosen_place(_places(api, settings), wish.data_center or values.data_center))


def make_volume(api: RunpodApi, plan: VolumePlan) -> NetworkVolume:
    """Make a planned volume, which costs from now on; raise UnknownOutcomeError when it may have been made."""
    return api.create_volume(plan.name, plan.size_gb, plan.place.data_center)


def volume_gone(volume_id: str) -> SettingsError:
    """Given the id of `runpod.volume_id`, say that the account has no such volume."""
    why = f"the account has no network volume {volume_id} (runpod.volume_id): it was deleted, or it belongs to another account"
    return SettingsError(why, hint="fluxctl volume ls, then fluxctl init --volume ID (or new)", code="volume_gone")


def volume_document(volume: NetworkVolume) -> dict[str, Any]:
    """Return a volume for JSON."""
    known = {"id": volume.id, "name": volume.name, "size_gb": volume.size_gb, "data_center": volume.data_center}
    return {**known, "usd_per_month": round(storage_usd_per_month(volume.size_gb), 2)}


def stock_document(place: VolumePlace | None) -> dict[str, str]:
    """Return GPU type → stock for JSON, of the wanted types."""
    return {gpu: str(stock) for gpu, stock in place.stock} if place else {}


def _places(api: RunpodApi, settings: Settings) -> Mapping[str, VolumePlace]:
    """Return data centre → what it has, the best one first."""
    return {place.data_center: place for place in volume_places(api.stock(), wanted_gpus(settings))}


def _chosen_place(places: Mapping[str, VolumePlace], wanted: str | None) -> VolumePlace:
    if wanted is None:
        best = next(iter(places.values()), None)
        if best is None or not best.holds_volumes or not best.worth:
            why = "no data centre that can hold a volume has one of the wanted GPUs in stock now"
            raise NoCapacityError(why, hint="try again later, name other GPUs (--gpu), or a place: --data-center EU-RO-1")
        return best
    place = places.get(wanted)
    able = [name for name, found in places.items() if found.holds_volumes]
    if place is None:
        raise UsageError(f"RunPod has no data centre {wanted}; {suggestion(wanted, able)}", hint="fluxctl gpus", code="unknown_data_center")
    if not place.holds_volumes:
        why = f"{wanted} cannot hold network volumes; these can: {', '.join(able)}"
        raise UsageError(why, hint=f"--data-center {able[0]}" if able else "try again later", code="no_volumes_there")
    return place


def _refuse_taken(name: str, taken: Sequence[NetworkVolume]) -> None:
    """Raise UsageError when there is a volume of that name: a second one would cost as much again, by a slip or after a lost reply."""
    there = next((volume for volume in taken if volume.name == name), None)
    if there is not None:
        why = f"there is a volume {name} already: {there.id}, {there.size_gb} GB in {there.data_center}"
        raise UsageError(why, hint=f"fluxctl init --volume {there.id}, or another --name", code="volume_exists")
