"""Gives every order the text that CLIP reads, where the prompt is longer than that; T5 gets the prompt whole."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from fluxctl.prompts.fit import Fit, certainly_fits, fit
from fluxctl.recipe import Recipe
from fluxctl.services.commission import Commission
from fluxctl.services.order import Order
from fluxctl.services.plan import Plan
from fluxctl.settings.load import Settings

ESTIMATED = "CLIP's vocabulary is damaged: tokens are estimated at 1.6 a word; installing fluxctl anew mends it"


def fitted(orders: Iterable[Order]) -> tuple[tuple[Order, ...], tuple[str, ...]]:
    """Given orders whose prompts are final, return them with the texts for CLIP, and what has to be said about that, once each."""
    notes: dict[str, None] = {}
    fit_once = cache(fit)

    def fitted_recipe(recipe: Recipe) -> Recipe:
        text = recipe.prompt.used if recipe.clip_prompt is None else recipe.clip_prompt
        if certainly_fits(text):
            return recipe
        found = fit_once(text)
        if not found.exact:
            notes[ESTIMATED] = None
        if found.text == text:
            return recipe
        if recipe.clip_prompt is not None:
            notes[_shortened(found)] = None
        return recipe.model_copy(update={"clip_prompt": found.text})

    changed = [order.model_copy(update={"recipes": tuple(fitted_recipe(recipe) for recipe in order.recipes)}) for order in orders]
    return tuple(changed), tuple(notes)


def preview(plan: Plan, commission: Commission, settings: Settings) -> Plan:
    """Given a plan, return it with the texts for CLIP, as far as they are known before Claude rewrites the prompts."""
    if not commission.is_fitted or commission.is_enhanced(settings.values.enhance.enabled):
        return plan
    orders, notes = fitted(plan.orders)
    return replace(plan, remainder=replace(plan.remainder, orders=orders), notes=(*plan.notes, *notes))


def _shortened(found: Fit) -> str:
    about = "" if found.exact else "about "
    return f"--clip-prompt has {about}{found.count} tokens and CLIP reads {found.limit}: it is cut to {found.text!r}"
