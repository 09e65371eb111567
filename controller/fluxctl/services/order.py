"""An order: one job's recipes, and how its pictures are to be saved; the ledger keeps it, so that `fetch` saves them the same way."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from fluxctl.pictures.destination import Destination
from fluxctl.pictures.formats import SUFFIXES
from fluxctl.recipe import Recipe, job_request


class Order(BaseModel):
    """One job. The recipes differ in their seeds alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    recipes: tuple[Recipe, ...]
    destination: Destination
    identities: tuple[str, ...] = ()
    """Which picture of which run each recipe is; none in a ledger of an older version."""
    follower: str = ""
    """Which command follows the job: see `follower.py`."""

    def to_ledger(self) -> Mapping[str, Any]:
        """Return what the ledger keeps: JSON can hold it."""
        return self.model_dump(mode="json", exclude={"destination": {"_numbers"}})

    @classmethod
    def from_ledger(cls, data: Mapping[str, Any]) -> "Order":
        """Given what the ledger kept, return the order; raise pydantic's ValidationError when it is damaged."""
        return cls.model_validate(dict(data))


def read_order(data: Mapping[str, Any]) -> Order | None:
    """Given what the ledger kept, return the order if it can be carried out; None when it is damaged."""
    try:
        order = Order.from_ledger(data)
        if not order.recipes or order.destination.suffix.lower() not in SUFFIXES:
            return None
        job_request(order.recipes)
    except ValidationError:
        return None
    return order
