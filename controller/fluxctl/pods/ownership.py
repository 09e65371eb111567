"""Decides whose a rented pod is (pure). Names and ids are compared whole."""

from collections.abc import Set
from enum import StrEnum

from fluxctl.pods.rental import Rental


class Ownership(StrEnum):
    """Whose pod it is."""

    MINE = "mine"
    """This ledger knows it."""
    OTHER = "elsewhere"
    """It bears this user's tag, and this ledger does not know it: another computer rented it, or a ledger that was lost."""
    FOREIGN = "foreign"
    """It bears no tag, or another's: it is never touched."""


def whose(rental: Rental, owner_id: str, known_names: Set[str], known_ids: Set[str]) -> Ownership:
    """Given a pod of the account, the user's owner id ("" while there is none) and what this ledger knows, return whose it is."""
    if rental.owner_id and rental.owner_id != owner_id:
        return Ownership.FOREIGN
    if rental.id in known_ids or rental.name in known_names:
        return Ownership.MINE
    return Ownership.OTHER if rental.owner_id else Ownership.FOREIGN
