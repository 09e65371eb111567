"""Finds the GPU types that a person means: whole ids, short names, and for a wrong name the nearest right ones (pure)."""

import difflib
from collections.abc import Iterable, Sequence

from fluxctl.pods.offer import Offer

_MOST_NEAREST = 3
_ALIKE = 0.5


def type_of(name: str, offers: Iterable[Offer]) -> str | None:
    """Given a GPU type's id or its short name, in upper or lower case, return the id; None where the market lists neither."""
    listed = list(offers)
    wanted = name.casefold()
    by_id = {offer.gpu_type.casefold(): offer.gpu_type for offer in listed}
    by_name = {offer.gpu_name.casefold(): offer.gpu_type for offer in listed}
    return by_id.get(wanted) or by_name.get(wanted)


def nearest_types(name: str, offers: Iterable[Offer]) -> Sequence[str]:
    """Given a name that the market does not list, return at most three ids that are most like it, the most alike first."""
    readings: dict[str, str] = {}
    for offer in offers:
        readings[offer.gpu_type.casefold()] = offer.gpu_type
        readings[offer.gpu_name.casefold()] = offer.gpu_type
    wanted = name.casefold()
    holding = sorted((reading for reading in readings if len(wanted) > 1 and wanted in reading), key=len)
    near = holding or difflib.get_close_matches(wanted, readings, n=2 * _MOST_NEAREST, cutoff=_ALIKE)
    return list(dict.fromkeys(readings[reading] for reading in near))[:_MOST_NEAREST]
