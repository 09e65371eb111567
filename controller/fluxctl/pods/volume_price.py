"""What a network volume costs: a rule of the market's price list (pure)."""

from fluxctl.pods.volume import STANDARD, NetworkVolume

GB_AT_FULL_PRICE = 1000
FULL_USD_PER_GB_MONTH = 0.07
REDUCED_USD_PER_GB_MONTH = 0.05
STOPPED_USD_PER_GB_MONTH = 0.20


def stopped_disk_usd_per_month(size_gb: int) -> float:
    """Given the size of a pod's own disk, return its price a month while the pod is stopped."""
    return size_gb * STOPPED_USD_PER_GB_MONTH


def storage_usd_per_month(size_gb: int) -> float:
    """Given a standard volume's size, return its price a month, used or not; what is above 1 TB costs less."""
    full = min(size_gb, GB_AT_FULL_PRICE)
    return full * FULL_USD_PER_GB_MONTH + (size_gb - full) * REDUCED_USD_PER_GB_MONTH


def volume_usd_per_month(volume: NetworkVolume) -> float | None:
    """Return a volume's price a month, None where the market tells none: of a tier that is not the standard one."""
    return storage_usd_per_month(volume.size_gb) if volume.tier == STANDARD else None


def price_words(usd_per_month: float | None) -> str:
    """Return a price a month for people."""
    return "price unknown (not the standard tier)" if usd_per_month is None else f"${usd_per_month:.2f} a month"
