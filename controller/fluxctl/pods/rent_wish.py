"""What is wanted of a rented machine: GPU types in order, a price ceiling, a place and an end; all of it is binding."""

from dataclasses import dataclass
from typing import Literal

CloudWish = Literal["secure", "community", "any"]


@dataclass(frozen=True)
class RentWish:
    """What a rented pod is to be; None: nothing is asked for."""

    gpu_types: tuple[str, ...]
    """Names of GPU types, the best first; whole, as the market writes them."""
    maximum_price_per_hour_usd: float | None = None
    cloud: CloudWish = "any"
    data_center: str | None = None
    volume_id: str | None = None
    """The network volume; it decides the data centre."""
    cuda_floor: str | None = None
    """The lowest version of CUDA that the machine's driver must know; None: the image says it."""
    lifetime_seconds: float = 28800.0
    """After which the pod ends itself, whatever happens."""
    minimum_memory_gb: int = 0
    """Of the GPU."""
    tried: tuple[str, ...] = ()
    """GPU types of which a machine was rented just now and did not get ready."""
    replace_stopped: bool = False
    """A stopped pod whose GPU was rented to somebody else is ended, with what lies on its disk; else StoppedPodLostError says so."""
