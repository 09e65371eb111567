"""Says of a GPU type why it is not rented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PassedOver:
    """A GPU type that is not among those that are tried."""

    gpu_type: str
    reason: str
    """Half a sentence: `none in stock`, `$3.29/h is over --max-price 2.00`."""
