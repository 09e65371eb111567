"""What a pod would cost, before anything is rented: the offers in order, and the most that can come of it."""

from dataclasses import dataclass

from fluxctl.pods.offer import Offer
from fluxctl.pods.passed_over import PassedOver
from fluxctl.pods.volume import NetworkVolume


@dataclass(frozen=True)
class Quote:
    """What a person is shown before money is spent."""

    offers: tuple[Offer, ...]
    """In the order in which they are tried; never none, and each with a price."""
    passed_over: tuple[PassedOver, ...]
    """The types that were wanted, or would be next, and are not tried."""
    price_per_hour_usd: float
    """Of the dearest offer that may be tried."""
    lifetime_seconds: float
    worst_case_usd: float
    """The dearest offer, until the lifetime ends."""
    latest_end_at: float
    """When the lifetime of a pod that is rented now ends, in seconds since 1970 (UTC)."""
    idle_timeout_seconds: float
    image: str
    volume: NetworkVolume | None = None
    storage_usd_per_month: float | None = None
    """Of the volume, which costs on without a pod; None: there is none, or what it costs is not known."""
    resumes: str | None = None
    """Id of a stopped pod that is started again; None: a new one is rented."""
    disk_gb: int = 0
    """Of the pod's own disk, where it is stopped at its end and not ended."""
    disk_usd_per_month: float | None = None
    """What that disk costs while the pod is stopped."""
    balance_usd: float | None = None
    """Of the account; None: its key may not see it."""
