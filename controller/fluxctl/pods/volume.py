"""A network volume: a disk at the market that outlives the pods, in one data centre."""

from dataclasses import dataclass

STANDARD = "STANDARD"
"""The tier whose price is known; others are faster and cost more."""


@dataclass(frozen=True)
class NetworkVolume:
    """One network volume of the account."""

    id: str
    name: str
    size_gb: int
    data_center: str
    tier: str = STANDARD
