"""Decides which pictures of a prompt file are still missing, when it was run before into the same place."""

import hashlib
import json
import secrets
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fluxctl.ledger import Ledger, PictureEntry, PromptRun
from fluxctl.pictures.destination import Destination
from fluxctl.recipe import Recipe
from fluxctl.services.fetch import OpenJob, open_jobs
from fluxctl.services.order import Order


@dataclass(frozen=True)
class Remainder:
    """What a command comes to, after what earlier runs of its prompt file made. Every order has its identities."""

    whole: tuple[Order, ...]
    """Everything that was asked for."""
    orders: tuple[Order, ...]
    """What is missing of it."""
    run: PromptRun
    key: str | None = None
    """What the run is known by; None: it cannot be run again."""
    kept: Mapping[str, PictureEntry] = field(default_factory=dict[str, PictureEntry])
    """What was made before and is still there, by identity."""
    pending: tuple[OpenJob, ...] = ()
    """Jobs of this run that a command left with the worker: they are brought home, not put again."""


def run_key(file: Path, destination: Destination) -> str:
    """Given a prompt file and where its pictures go, return what their run is known by. The file may change: what is new is made."""
    return _hash([str(file.resolve()), _place(destination)])


def run_for(ledger: Ledger, key: str, *, again: bool) -> PromptRun:
    """Given a key, return its run: the one before unless everything is wanted again, else a new one, which nobody has noted yet."""
    before = None if again else ledger.prompt_run(key)
    return before or new_run()


def new_run() -> PromptRun:
    """Return a run that nobody has noted yet."""
    return PromptRun(uuid.uuid4().hex, secrets.randbits(32))


def everything(run: PromptRun, orders: Sequence[Order]) -> Remainder:
    """Given a command that is no run of a prompt file, return it as a whole."""
    marked = tuple(_with_identities(run, orders, enhanced=False))
    return Remainder(marked, marked, run)


def remainder(ledger: Ledger, key: str, run: PromptRun, orders: Sequence[Order], *, enhanced: bool) -> Remainder:
    """Given a run and all of its orders, return what of it is still to be made; a picture whose file is gone counts as missing."""
    marked = tuple(_with_identities(run, orders, enhanced=enhanced))
    wanted = {identity for order in marked for identity in order.identities}
    kept = {entry.identity: entry for entry in ledger.pictures_of_run(run) if entry.identity in wanted and entry.path.is_file()}
    pending = [job for job in open_jobs(ledger) if wanted & set(job.order.identities) - set(kept)]
    there = set(kept) | {identity for job in pending for identity in job.order.identities}
    missing = [_only(order, lambda identity: identity not in there) for order in marked]
    return Remainder(marked, tuple(order for order in missing if order.recipes), run, key, kept, tuple(pending))


def _with_identities(run: PromptRun, orders: Iterable[Order], *, enhanced: bool) -> list[Order]:
    """Return the orders with a name for each picture that stays the same as long as everything does that was asked for.

    Equal pictures of one run are told apart by their number.
    """
    seen: Counter[str] = Counter()

    def identity(recipe: Recipe, place: list[Any]) -> str:
        said = _hash([recipe.model_dump(mode="json", exclude_none=True), place, enhanced])
        seen[said] += 1
        return f"{run.id}-{said}-{seen[said]}"

    return [
        order.model_copy(update={"identities": tuple(identity(recipe, _place(order.destination)) for recipe in order.recipes)})
        for order in orders
    ]


def _only(order: Order, is_wanted: Callable[[str], bool]) -> Order:
    """Return the order with the pictures that are wanted."""
    places = [place for place, identity in enumerate(order.identities) if is_wanted(identity)]
    recipes = tuple(order.recipes[place] for place in places)
    return order.model_copy(update={"recipes": recipes, "identities": tuple(order.identities[place] for place in places)})


def _place(destination: Destination) -> list[Any]:
    return [str(destination.folder), destination.by_day, destination.stem, destination.suffix]


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]
