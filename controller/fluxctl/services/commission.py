"""One `gen` from the wish to the pictures: settles all that can be settled before a worker is needed, then has it made."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.ledger import Ledger
from fluxctl.pictures.destination import Destination, destination_for, prepare
from fluxctl.pictures.formats import Encoding
from fluxctl.pictures.opening import open_picture
from fluxctl.pictures.places import default_folder
from fluxctl.pictures.stored import StoredPicture
from fluxctl.recipe import Recipe
from fluxctl.services.bring_up import Ready, bring_up
from fluxctl.services.choice import Choice, choose_provider, default_model
from fluxctl.services.following import Following
from fluxctl.services.generate import generate
from fluxctl.services.listener import Listener
from fluxctl.services.order import Order
from fluxctl.services.outcome import SCHEMA, Made, Outcome
from fluxctl.settings.load import Settings
from fluxctl.settings.resolve import resolve
from fluxctl.wish import Wish


@dataclass(frozen=True)
class Commission:
    """What the person wants done, beside the wish itself; None: the settings decide."""

    wish: Wish
    out: str | None = None
    format: str | None = None
    metadata: bool | None = None
    open: bool | None = None
    provider: str | None = None
    original: StoredPicture | None = None
    """The picture of `--from`."""


@dataclass(frozen=True)
class Plan:
    """Everything that is settled: what a dry run shows."""

    provider: Choice
    recipes: tuple[tuple[Recipe, ...], ...]
    """One inner tuple for each prompt."""
    destination: Destination
    open: bool
    worker: str
    """`warm`, or `is started`."""
    idle_timeout_seconds: float
    notes: tuple[str, ...]

    @property
    def first(self) -> Recipe:
        """Return the first picture's recipe; model, size and steps are the same for all."""
        return self.recipes[0][0]

    @property
    def pictures(self) -> int:
        """Return how many pictures are made."""
        return sum(len(group) for group in self.recipes)

    def document(self) -> dict[str, Any]:
        """Return the JSON object of a dry run."""
        return {
            "schema": SCHEMA,
            "dry_run": True,
            "provider": self.provider.name,
            "model": self.first.model,
            "recipes": [recipe.model_dump(mode="json") for group in self.recipes for recipe in group],
            "plan": {
                "jobs": len(self.recipes),
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

    def orders(self) -> list[Order]:
        """Return one order for each prompt."""
        return [Order(recipes=group, destination=self.destination) for group in self.recipes]


def plan(commission: Commission, environment: Environment, settings: Settings, live: Sequence[str]) -> Plan:
    """Given a commission and the providers with a live pod, return what will be made; raise UsageError for what cannot be."""
    provider = choose_provider(commission.provider, settings.values.provider, live)
    resolution = resolve(commission.wish, settings, default_model=default_model(provider.name), draw_seed=lambda: secrets.randbits(32))
    pictures = settings.values.pictures
    count = sum(len(group) for group in resolution.recipes)
    metadata = pictures.metadata if commission.metadata is None else commission.metadata
    return Plan(
        provider=provider,
        recipes=resolution.recipes,
        destination=destination_for(
            commission.out,
            commission.format,
            count,
            default_folder(environment, pictures.folder),
            environment,
            configured_format=pictures.format,
            encoding=Encoding(metadata, pictures.jpeg_quality, pictures.webp_quality),
        ),
        open=pictures.open if commission.open is None else commission.open,
        worker="warm" if provider.name in live else "is started",
        idle_timeout_seconds=settings.values.pod.idle_timeout_seconds,
        notes=(*settings.notes, *resolution.notes, *_about(resolution.recipes[0][0])),
    )


def _about(recipe: Recipe) -> tuple[str, ...]:
    """Return what has to be said of the model before somebody is disappointed."""
    if recipe.source != "embedded":
        return ()
    return ("the embedded model draws coloured shapes only; FLUX itself needs a GPU here and HF_TOKEN set: --model FLUX.1-dev",)


def carry_out(
    plan: Plan, commission: Commission, environment: Environment, settings: Settings, listener: Listener, outcome: Outcome
) -> None:
    """Make the planned pictures; `outcome` tells how far it came, also when an error is raised."""
    outcome.provider, outcome.model, outcome.cost_usd = plan.provider.name, plan.first.model, 0.0
    prepare(plan.destination, environment)
    begun = environment.monotonic()

    def ready() -> Ready:
        """Bring up a worker, and count the time."""
        started = environment.monotonic()
        try:
            return bring_up(
                environment, settings, model=plan.first.model, source=plan.first.source, provider=plan.provider.name, report=listener.phase
            )
        finally:
            outcome.ready_seconds += environment.monotonic() - started

    try:
        with Ledger.open(environment) as ledger:
            worker = ready()
            following = Following(environment, worker.client, lambda: ready().client, ledger, listener, outcome, plan.pictures)
            try:
                generate(plan.orders(), worker.pod, following, ledger)
            finally:
                following.client.close()
                for note in ledger.notes:
                    listener.warn(note)
    finally:
        outcome.total_seconds = environment.monotonic() - begun
    _compare(commission.original, outcome, listener)
    if plan.open:
        _open(outcome, environment, listener)


def _compare(original: StoredPicture | None, outcome: Outcome, listener: Listener) -> None:
    """Say whether the picture of `--from` came out the same, where it was the same recipe."""
    if original is None or original.record.sha256 is None:
        return
    made = next((made for made in outcome.pictures if made.recipe == original.record.recipe), None)
    if made is None:
        return
    if made.result.sha256 == original.record.sha256:
        listener.note(f"the pixels are those of {original.path}")
    elif made.result.plan == original.record.plan:
        listener.warn(f"the pixels differ from {original.path}, although recipe and engine plan are the same")
    else:
        listener.note(f"the pixels differ from {original.path}: it was made under another engine plan ({_difference(original, made)})")


def _difference(original: StoredPicture, made: Made) -> str:
    """Return what differs between two engine plans, as `name: then → now`."""
    then = original.record.plan.model_dump() if original.record.plan else {}
    now = made.result.plan.model_dump()
    flat = [{**plan, **plan.get("versions", {})} for plan in (then, now)]
    names = [name for name in {**flat[0], **flat[1]} if name != "versions" and flat[0].get(name) != flat[1].get(name)]
    return ", ".join(f"{name}: {flat[0].get(name)} → {flat[1].get(name)}" for name in names)


def _open(outcome: Outcome, environment: Environment, listener: Listener) -> None:
    """Show the pictures; that it could not be done is only said."""
    for made in outcome.pictures:
        trouble = open_picture(made.path, environment)
        if trouble:
            listener.note(trouble)
            return
