"""Puts better prompts into orders, and tells of those that stay as they were typed."""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cache

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, SettingsError
from fluxctl.services.commission import Commission
from fluxctl.services.enhancement import Enhancement
from fluxctl.services.listener import Listener
from fluxctl.services.order import Order
from fluxctl.settings.load import Settings

Orders = tuple[Order, ...]


@contextmanager
def enhanced_orders(
    orders: Orders, commission: Commission, environment: Environment, settings: Settings, listener: Listener
) -> Generator[Callable[[], Orders]]:
    """Send the prompts to Claude, if that is wanted, and yield a function that waits for the answers and returns the orders with them.

    It raises what went wrong if enhancing is required. Nothing of Claude is imported where it is not wanted.
    """
    if not commission.is_enhanced(settings.values.enhance.enabled):
        yield lambda: orders
        return
    from fluxctl.services.enhance import Enhancing

    prompts = [recipe.prompt.used for order in orders for recipe in order.recipes]
    with Enhancing(prompts, environment, settings, refresh=commission.refresh) as enhancing:

        @cache
        def settled() -> Orders:
            results = enhancing.results()
            if commission.enhance_required:
                _require(results)
            _tell(results, listener)
            return tuple(_with(order, results) for order in orders)

        yield settled


def notes_on_enhancing(commission: Commission, settings: Settings) -> tuple[str, ...]:
    """Return what has to be said of it before anything is made."""
    if commission.is_enhanced(settings.values.enhance.enabled):
        return (f"Claude ({settings.values.enhance.model}) rewrites what was typed first",)
    if commission.text_is_settled and (commission.enhance or commission.enhance_required):
        return ("the prompt of --from is taken as it is; type a prompt to have it enhanced",)
    return ("--refresh does nothing without --enhance",) if commission.refresh else ()


def _with(order: Order, results: Sequence[Enhancement]) -> Order:
    """Return an order with the better prompts."""
    found = {result.prompt: result for result in results if result.problem is None}
    recipes = tuple(
        recipe.model_copy(update={"prompt": found[recipe.prompt.used].text(recipe.prompt.typed)}) if recipe.prompt.used in found else recipe
        for recipe in order.recipes
    )
    return order.model_copy(update={"recipes": recipes})


def _require(results: Sequence[Enhancement]) -> None:
    problems = [result.problem for result in results if result.problem is not None]
    if len(results) > 1 and problems:
        first = problems[0]
        what = f"{len(problems)} of {len(results)} prompts could not be enhanced; the first: {first.message}"
        raise type(first)(what, hint=first.hint, code=first.code)
    if problems:
        raise problems[0]


def _tell(results: Sequence[Enhancement], listener: Listener) -> None:
    """Show each prompt with its better one, and each reason for failure in one line."""
    for result in results:
        if result.problem is None:
            listener.enhanced(result)
    reasons = Counter(_reason(result.problem) for result in results if result.problem is not None)
    for reason, count in reasons.items():
        which = "the prompt is" if len(results) == 1 else f"{count} of {len(results)} prompts are"
        listener.warn(f"{which} used as typed: {reason}")


def _reason(problem: FluxctlError) -> str:
    return f"{problem.message} ({problem.hint})" if isinstance(problem, SettingsError) else problem.message
