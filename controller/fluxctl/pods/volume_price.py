"""What a network volume costs: a rule of the market's price list (pure)."""

GB_AT_FULL_PRICE = 1000
FULL_USD_PER_GB_MONTH = 0.07
REDUCED_USD_PER_GB_MONTH = 0.05


def storage_usd_per_month(size_gb: int) -> float:
    """Given a volume's size, return its price a month; what is above 1 TB costs less. It is paid whether a pod uses it or not."""
    full = min(size_gb, GB_AT_FULL_PRICE)
    return full * FULL_USD_PER_GB_MONTH + (size_gb - full) * REDUCED_USD_PER_GB_MONTH
