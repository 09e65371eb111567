"""An offer: one GPU type at a price in a place."""

from dataclasses import dataclass
from enum import StrEnum


class Stock(StrEnum):
    """How many machines of a type can be had."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    """Very few: gone, perhaps, when the order arrives."""
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Offer:
    """A GPU type that the market lists, also when none can be had now."""

    gpu_type: str
    """The market's id of the type, as it is ordered."""
    gpu_name: str
    memory_gb: int
    price_per_hour_usd: float | None
    """None: the market names none."""
    cloud: str
    """`secure` or `community`."""
    data_center: str | None
    """None: anywhere."""
    stock: Stock
