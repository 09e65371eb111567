"""Settles all of a commission that can be settled before a worker is needed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from fluxctl.environment import Environment
from fluxctl.pictures.destination import Destination, destination_for
from fluxctl.pictures.formats import Encoding
from fluxctl.pictures.places import default_folder
from fluxctl.recipe import Recipe
from fluxctl.services.choice import Choice, choose_provider, default_model
from fluxctl.services.commission import Commission
from fluxctl.services.enhanced_orders import notes_on_enhancing
from fluxctl.services.order import Order
from fluxctl.services.outcome import SCHEMA
from fluxctl.settings.load import Settings
from fluxctl.settings.resolve import resolve


@dataclass(frozen=True)
class Plan:
    """Everything that is settled: what a dry run shows."""

    provider: Choice
    orders: tuple[Order, ...]
    """One job each. Their prompts are those that were typed: they are enhanced and fitted when the plan is carried out."""
    destination: Destination
    """Where pictures go of which no line of a prompt file says otherwise."""
    open: bool
    worker: str
    """`warm`, or `is started`."""
    idle_timeout_seconds: float
    notes: tuple[str, ...]

    @property
    def first(self) -> Recipe:
        """Return the first picture's recipe."""
        return self.orders[0].recipes[0]

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """Return the recipe of every picture that is made."""
        return tuple(recipe for order in self.orders for recipe in order.recipes)

    @property
    def pictures(self) -> int:
        """Return how many pictures are made."""
        return len(self.recipes)

    def document(self) -> dict[str, Any]:
        """Return the JSON object of a dry run."""
        return {
            "schema": SCHEMA,
            "dry_run": True,
            "provider": self.provider.name,
            "model": self.first.model,
            "recipes": [recipe.model_dump(mode="json") for recipe in self.recipes],
            "plan": {
                "jobs": len(self.orders),
                "pictures": self.pictures,
                "folder": str(self.destination.folder),
                "file": self.destination.stem and f"{self.destination.stem}{self.destination.suffix}",
                "format": str(self.destination.format),
                "metadata": self.destination.encoding.metadata,
                "open": self.open,
                "worker": self.worker,
                "price_per_hour_usd": 0.0,
                "idle_timeout_seconds": self.idle_timeout_seconds,
            },
            "notes": list(self.notes),
        }


def plan(commission: Commission, environment: Environment, settings: Settings, live: Sequence[str]) -> Plan:
    """Given a commission and the providers with a live pod, return what will be made; raise UsageError for what cannot be."""
    provider = choose_provider(commission.provider, settings.values.provider, live)
    draw_seed = cache(lambda: secrets.randbits(32))
    resolutions = [resolve(wish, settings, default_model=default_model(provider.name), draw_seed=draw_seed) for wish in commission.wishes]
    groups = [group for resolution in resolutions for group in resolution.recipes]
    pictures = settings.values.pictures
    metadata = pictures.metadata if commission.metadata is None else commission.metadata
    destination = destination_for(
        commission.out,
        commission.format,
        sum(len(group) for group in groups),
        default_folder(environment, pictures.folder),
        environment,
        configured_format=pictures.format,
        encoding=Encoding(metadata, pictures.jpeg_quality, pictures.webp_quality),
    )
    said = (note for resolution in resolutions for note in resolution.notes)
    notes = (*settings.notes, *said, *notes_on_enhancing(commission, settings), *_about(groups[0][0]))
    return Plan(
        provider=provider,
        orders=tuple(Order(recipes=group, destination=destination) for group in groups),
        destination=destination,
        open=pictures.open if commission.open is None else commission.open,
        worker="warm" if provider.name in live else "is started",
        idle_timeout_seconds=settings.values.pod.idle_timeout_seconds,
        notes=tuple(dict.fromkeys(notes)),
    )


def _about(recipe: Recipe) -> tuple[str, ...]:
    """Return what has to be said of the model before somebody is disappointed."""
    if recipe.source != "embedded":
        return ()
    return ("the embedded model draws coloured shapes only; FLUX itself needs a GPU here and HF_TOKEN set: --model FLUX.1-dev",)
