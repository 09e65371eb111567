"""Settles all of a commission that can be settled before a worker is needed."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.ledger import Ledger
from fluxctl.pictures.destination import Destination
from fluxctl.pods.quote import Quote
from fluxctl.recipe import Recipe
from fluxctl.services.choice import RUNPOD
from fluxctl.services.commission import Commission
from fluxctl.services.drafting import Draft, Drafting
from fluxctl.services.enhanced_orders import notes_on_enhancing
from fluxctl.services.order import Order
from fluxctl.services.outcome import SCHEMA
from fluxctl.services.prompt_run import Remainder, everything, new_run, remainder, run_for, run_key
from fluxctl.services.provider import Chosen, default_model_of, limits_of
from fluxctl.services.quote_report import quote_document, quote_for
from fluxctl.services.renting import RentFlags
from fluxctl.settings.load import Settings

WARM = "warm"


@dataclass(frozen=True)
class Plan:
    """Everything that is settled: what a dry run shows."""

    provider: Chosen
    first: Recipe
    """Of the first picture, whether it is still to be made or not."""
    remainder: Remainder
    destination: Destination
    """Where pictures go of which no line of a prompt file says otherwise."""
    open: bool
    worker: str
    """`warm`, or `is started`."""
    idle_timeout_seconds: float
    notes: tuple[str, ...]

    @property
    def orders(self) -> tuple[Order, ...]:
        """Return what is to be made, one job each. Their prompts are those that were typed, with alternatives written out: they are
        enhanced and fitted when the plan is carried out."""
        return self.remainder.orders

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """Return the recipe of every picture that is made."""
        return tuple(recipe for order in self.orders for recipe in order.recipes)

    @property
    def pictures(self) -> int:
        """Return how many pictures are made."""
        return len(self.recipes)

    def quoted(self, environment: Environment, settings: Settings, flags: RentFlags) -> Quote | None:
        """Return what has to be rented first, and what it costs; None where nothing has to be, or it costs nothing."""
        if self.provider.name != RUNPOD or self.worker == WARM or not (self.orders or self.remainder.pending):
            return None
        first = self.first
        return quote_for(environment, settings, provider=RUNPOD, model=first.model, source=first.source, flags=flags)[0]

    def document(self, quote: Quote | None = None) -> dict[str, Any]:
        """Return the JSON object of a dry run, with what has to be rented for it."""
        return {
            "schema": SCHEMA,
            "dry_run": True,
            "provider": self.provider.name,
            "model": self.first.model,
            "recipes": [recipe.model_dump(mode="json") for recipe in self.recipes],
            "plan": {
                "jobs": len(self.orders),
                "pictures": self.pictures,
                "kept": [str(entry.path) for entry in self.remainder.kept.values()],
                "folder": str(self.destination.folder),
                "file": self.destination.stem and f"{self.destination.stem}{self.destination.suffix}",
                "format": str(self.destination.format),
                "metadata": self.destination.encoding.metadata,
                "open": self.open,
                "worker": self.worker,
                "price_per_hour_usd": self._price_per_hour_usd(quote),
                "rent": quote and quote_document(quote),
                "idle_timeout_seconds": self.idle_timeout_seconds,
            },
            "notes": list(self.notes),
        }

    def _price_per_hour_usd(self, quote: Quote | None) -> float | None:
        if quote is not None:
            return quote.price_per_hour_usd
        rental = self.provider.pod.rental if self.provider.pod else None
        return rental.price_per_hour_usd if rental else 0.0


def plan(commission: Commission, environment: Environment, settings: Settings, provider: Chosen) -> Plan:
    """Given a commission and the provider that was chosen, with its live pod looked up, return what will be made; raise UsageError
    for what cannot be."""
    commission.rent.checked(provider.name)
    pod = provider.pod
    drafting = Drafting(commission, environment, settings, default_model_of(provider.name, environment, settings))
    with _ledger_of(commission, environment) as ledger:
        remains, destination, drafts = _remainder(drafting, ledger)
    first = remains.whole[0].recipes[0]
    notes = (
        *settings.notes,
        *(note for draft in drafts for note in draft.notes),
        *notes_on_enhancing(commission, settings),
        *_about(first, provider.name),
        *_about_remainder(remains, commission),
    )
    return Plan(
        provider=provider,
        first=first,
        remainder=remains,
        destination=destination,
        open=settings.values.pictures.open if commission.open is None else commission.open,
        worker=WARM if provider.name in provider.live else "is started",
        idle_timeout_seconds=(pod.limits if pod else limits_of(settings)).idle_timeout_seconds,
        notes=tuple(dict.fromkeys(notes)),
    )


def _ledger_of(commission: Commission, environment: Environment) -> AbstractContextManager[Ledger | None]:
    """Return the ledger for the run of a prompt file, which may have been run before; nothing for other commands."""
    return nullcontext() if commission.prompt_file is None else Ledger.open(environment)


def _remainder(drafting: Drafting, ledger: Ledger | None) -> tuple[Remainder, Destination, list[Draft]]:
    """Draft everything, and leave out what an earlier run of the prompt file made."""
    commission = drafting.commission
    # Where the pictures go does not depend on the seeds, but which seed is drawn depends on where they went before.
    place = drafting.destination(len(commission.wishes))
    key = run_key(commission.prompt_file, place) if commission.prompt_file else ""
    run = run_for(ledger, key, again=commission.again) if ledger else new_run()
    drafts = drafting.drafts(lambda: run.seed)
    pictures = sum(job.pictures(every=commission.every_combination) for draft in drafts for job in draft.jobs)
    destination = drafting.destination(pictures)
    orders = drafting.orders(drafts, destination)
    if commission.grid:
        from fluxctl.services.grid import check_grid

        check_grid([recipe for order in orders for recipe in order.recipes])
    if ledger is None:
        return everything(run, orders), destination, drafts
    enhanced = commission.is_enhanced(drafting.settings.values.enhance.enabled)
    return remainder(ledger, key, run, orders, enhanced=enhanced), destination, drafts


def _about_remainder(remains: Remainder, commission: Commission) -> tuple[str, ...]:
    """Return what has to be said of an earlier run."""
    whole = sum(len(order.recipes) for order in remains.whole)
    kept, pending = len(remains.kept), sum(len(job.order.recipes) for job in remains.pending)
    said = [f"{kept} of {whole} pictures are there from an earlier run of {commission.prompt_file}; --again makes all anew"] if kept else []
    return (*said, f"{pending} pictures of an earlier run are with the worker; they are brought home") if pending else tuple(said)


def _about(recipe: Recipe, provider: str) -> tuple[str, ...]:
    """Return what has to be said of the model before somebody is disappointed."""
    if recipe.source != "embedded":
        return ()
    what = "the embedded model draws one to three coloured shapes on a background, and nothing else"
    needs = "HF_TOKEN" if provider == RUNPOD else "a GPU here and HF_TOKEN"
    return (f"{what}; FLUX itself needs {needs} set: --model FLUX.1-dev",)
