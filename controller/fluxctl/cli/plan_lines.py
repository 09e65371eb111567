"""Tells what will be made: in a few lines, or whole for a dry run."""

import json

from fluxctl.output.sink import Sink
from fluxctl.pods.quote import Quote
from fluxctl.services.plan import Plan


def say_plan(plan: Plan, sink: Sink) -> None:
    """Tell what will be made, in a few lines."""
    for note in plan.notes:
        sink.say(f"note     {note}")
    if not plan.pictures and not plan.remainder.pending:
        sink.say("nothing is missing")
        return
    recipe = plan.first
    parts = [
        recipe.model,
        f"{recipe.width}x{recipe.height}",
        f"{recipe.steps} steps",
        f"guidance {recipe.guidance:g}",
        f"seed {recipe.seed}",
    ]
    if plan.pictures > 1:
        parts.append(f"{plan.pictures} pictures")
    sink.say(f"recipe   {' · '.join(parts)}")
    sink.say(f"provider {plan.provider.name} ({plan.provider.because})")


def show_plan(plan: Plan, quote: Quote | None, sink: Sink) -> None:
    """Print the whole recipe and plan as data, with what has to be rented."""
    document = {**plan.document(quote), "error": None}
    sink.document(document)
    sink.line(json.dumps(document, indent=2, ensure_ascii=False))
