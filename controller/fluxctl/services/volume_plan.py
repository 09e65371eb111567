"""Plans a new network volume where the wanted GPUs are, and makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fluxctl.errors import InterruptedByUser, NoCapacityError, UsageError
from fluxctl.pods.volume import NetworkVolume
from fluxctl.pods.volume_place import VolumePlace
from fluxctl.pods.volume_price import price_words, storage_usd_per_month
from fluxctl.providers.runpod.api import RunpodApi
from fluxctl.services.volumes import places_of, stock_document
from fluxctl.settings.load import Settings
from fluxctl.settings.nearest import suggestion

OWN_NAME = "fluxctl"
"""Of a volume that fluxctl makes, and how the name of one begins that it takes without being told to."""
SMALLEST_GB, LARGEST_GB = 10, 4096
LONGEST_NAME = 100


@dataclass(frozen=True)
class VolumeWish:
    """What a new volume is to be; None: decided by settings and stock."""

    name: str | None = None
    size_gb: int | None = None
    data_center: str | None = None
    name_flag: str = "--name"
    """How the command calls it, for hints."""
    size_flag: str = "--size"


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
        price = price_words(self.usd_per_month)
        return f"{self.name}: {self.size_gb} GB in {self.place.data_center}, {price}; there: {self.place.words}"

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        known = {"name": self.name, "size_gb": self.size_gb, "data_center": self.place.data_center}
        return {**known, "usd_per_month": round(self.usd_per_month, 2), "stock": stock_document(self.place)}


def plan_volume(api: RunpodApi, settings: Settings, wish: VolumeWish, taken: Sequence[NetworkVolume]) -> VolumePlan:
    """Given a wish and the volumes that there are, return what would be made; nothing is.

    Raise UsageError for a size, a name or a place that cannot be, NoCapacityError where nothing wanted is in stock anywhere.
    """
    values = settings.values.runpod
    size_gb = values.volume_size_gb if wish.size_gb is None else wish.size_gb
    if not SMALLEST_GB <= size_gb <= LARGEST_GB:
        why = f"a volume of {size_gb} GB is out of range: {SMALLEST_GB} to {LARGEST_GB}"
        raise UsageError(why, hint=f"{wish.size_flag} {values.volume_size_gb}", code="volume_size")
    name = (OWN_NAME if wish.name is None else wish.name).strip()
    _check_name(name, wish, taken)
    return VolumePlan(name, size_gb, _chosen_place(places_of(api, settings), wish.data_center or values.data_center))


def free_name(taken: Sequence[NetworkVolume]) -> str:
    """Given the volumes that there are, return a name for one more."""
    names = {volume.name for volume in taken}
    numbered = (f"{OWN_NAME}-{number}" for number in range(2, len(names) + 3))
    return next(name for name in (OWN_NAME, *numbered) if name not in names)


def make_volume(api: RunpodApi, plan: VolumePlan) -> NetworkVolume:
    """Make a planned volume, which costs from now on; raise UnknownOutcomeError, or InterruptedByUser, when it may have been made."""
    try:
        return api.create_volume(plan.name, plan.size_gb, plan.place.data_center)
    except KeyboardInterrupt:
        why = f"interrupted while RunPod made the network volume {plan.name} in {plan.place.data_center}: it may be there, and cost"
    raise InterruptedByUser(why, hint="fluxctl volume ls")


def _chosen_place(places: Mapping[str, VolumePlace], wanted: str | None) -> VolumePlace:
    able = [name for name, found in places.items() if found.holds_volumes]
    if wanted is None:
        return _best_place(places, able)
    name = next((name for name in places if name.casefold() == wanted.strip().casefold()), None)
    other = f"--data-center {able[0]}" if able else "fluxctl doctor"
    if name is None:
        why = f"RunPod has no data centre {wanted}; {suggestion(wanted, able)}"
        raise UsageError(why, hint=other, code="unknown_data_center")
    if name not in able:
        raise UsageError(f"{name} cannot hold network volumes; these can: {', '.join(able)}", hint=other, code="no_volumes_there")
    return places[name]


def _best_place(places: Mapping[str, VolumePlace], able: Sequence[str]) -> VolumePlace:
    if able and places[able[0]].worth:
        return places[able[0]]
    why = "no data centre that can hold a volume has one of the wanted GPUs in stock now"
    if any(places[name].is_unsaid for name in able):
        why = "RunPod does not say in which data centre the wanted GPUs are in stock"
    place = f"--data-center {able[0]} (a volume stays where it is made); " if able else ""
    raise NoCapacityError(why, hint=f"{place}other GPUs: fluxctl init --gpu TYPE; what there is: fluxctl gpus")


def _check_name(name: str, wish: VolumeWish, taken: Sequence[NetworkVolume]) -> None:
    """Raise UsageError for what is no name, and for one that is taken: a second, by a slip or after a lost reply, costs as much again."""
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        why = f"a volume's name has 1 to {LONGEST_NAME} characters that can be printed"
        raise UsageError(why, hint=f"{wish.name_flag} {OWN_NAME}", code="volume_name")
    there = next((volume for volume in taken if volume.name == name), None)
    if there is not None:
        why = f"there is a volume {name} already: {there.id}, {there.size_gb} GB in {there.data_center}"
        hint = f"fluxctl init --volume {there.id} takes it; {wish.name_flag} {free_name(taken)} makes another one"
        raise UsageError(why, hint=hint, code="volume_exists")
