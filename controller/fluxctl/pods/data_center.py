"""A data centre of the market, and which GPUs it has now."""

from collections.abc import Mapping
from dataclasses import dataclass

from fluxctl.pods.offer import Stock


@dataclass(frozen=True)
class DataCenterStock:
    """One data centre."""

    id: str
    name: str
    holds_volumes: bool
    """Whether standard network volumes can be made in it."""
    gpus: Mapping[str, Stock]
    """GPU type → how many can be had there; a type that is not named is not there."""
