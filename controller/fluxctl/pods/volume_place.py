"""Decides in which data centre a network volume serves best: it pins every pod to that one, for as long as it is used (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.pods.data_center import DataCenterStock
from fluxctl.pods.offer import Stock

_WORTH = {Stock.HIGH: 3, Stock.MEDIUM: 2, Stock.LOW: 1}


@dataclass(frozen=True)
class VolumePlace:
    """One data centre, seen by somebody who wants certain GPUs."""

    data_center: str
    name: str
    holds_volumes: bool
    stock: tuple[tuple[str, Stock], ...]
    """Of the wanted types that the data centre has at all, in the order in which they are wanted."""
    worth: int
    """How well it serves; 0: nothing wanted can be had there now."""

    @property
    def in_stock(self) -> tuple[str, ...]:
        """Return the wanted types that can be had there now, in the order in which they are wanted."""
        return tuple(gpu for gpu, stock in self.stock if stock in _WORTH)

    @property
    def is_unsaid(self) -> bool:
        """Return whether a wanted type may be there or not: the market does not say how many, and no other is in stock."""
        return not self.in_stock and any(stock is Stock.UNKNOWN for _, stock in self.stock)

    @property
    def words(self) -> str:
        """Return what of the wanted types can be had there now, for people."""
        return ", ".join(self.in_stock) or ("its stock is not told" if self.is_unsaid else "none of the wanted GPUs in stock now")


def volume_places(centers: Sequence[DataCenterStock], wanted: Sequence[str]) -> tuple[VolumePlace, ...]:
    """Given all data centres and the wanted GPU types in order, return them, the one that serves best first.

    A type counts by its stock and by how early it is wanted, so that several good choices outweigh a single one.
    """
    places = [_place(center, wanted) for center in centers]
    return tuple(sorted(places, key=lambda place: (not place.holds_volumes, -place.worth, place.data_center)))


def _place(center: DataCenterStock, wanted: Sequence[str]) -> VolumePlace:
    stock = tuple((gpu, center.gpus[gpu]) for gpu in wanted if gpu in center.gpus)
    early = {gpu: len(wanted) - place for place, gpu in enumerate(wanted)}
    worth = sum(_WORTH.get(found, 0) * early[gpu] for gpu, found in stock)
    return VolumePlace(center.id, center.name, center.holds_volumes, stock, worth)
