"""Says what still runs, and what it costs, when Ctrl-C came while a worker was brought up."""

from collections.abc import Sequence

from fluxctl.environment import Environment
from fluxctl.errors import InterruptedByUser
from fluxctl.output.moments import dollars, rate
from fluxctl.services.choice import RUNPOD
from fluxctl.services.provider import live_pods
from fluxctl.services.still_rented import StillRented, still_rented
from fluxctl.settings.load import Settings

GUARDED = "when nobody waits for it again it is ended, before it is ready by a guard on this computer, later by its own watchdog"

RESUME_OR_END = "fluxctl down ends it now; fluxctl up waits for it again"


def interrupted_start(environment: Environment, settings: Settings, provider: str) -> InterruptedByUser:
    """Given the provider that was chosen, return what to raise. For a rented pod the ledger tells: nobody is waited for."""
    if provider == RUNPOD:
        return interrupted_rental(still_rented(environment))
    unknown: list[str] = []
    live = live_pods(environment, settings, unknown.append)
    if unknown:
        return InterruptedByUser(f"interrupted; {unknown[0]}", hint="fluxctl status")
    if live:
        return InterruptedByUser("interrupted; the worker goes on loading, and ends by itself when nobody uses it", hint="fluxctl down")
    return InterruptedByUser("interrupted; no worker was started")


def interrupted_rental(rentals: Sequence[StillRented]) -> InterruptedByUser:
    """Given what the ledger does not know to be gone, newest first, return what to raise."""
    costly = [one for one in rentals if one.state != "stopped"]
    if not costly:
        return InterruptedByUser("interrupted; nothing is rented, and nothing costs money")
    newest, others = costly[0], costly[1:]
    why, hint = _what_becomes_of(newest)
    besides = f". Besides, these may cost money: {', '.join(map(_named, others))}" if others else ""
    return InterruptedByUser(f"interrupted{why}{besides}", hint=hint)


def _what_becomes_of(newest: StillRented) -> tuple[str, str]:
    """Return what to say of the pod that is waited for, and what to type."""
    price = rate(newest.price_per_hour_usd)
    if newest.pod_id is None:
        unknown = (
            f" while the order was on its way: whether the pod {newest.name} exists is not known; if it does, it costs {price}; {GUARDED}"
        )
        return unknown, "fluxctl down looks for it and ends it"
    spent = "" if newest.cost_usd is None else f" ({dollars(newest.cost_usd)} so far)"
    if newest.state == "ending":
        ending = f"; that the pod {newest.pod_id} is gone is not confirmed, and until it is it costs {price}{spent}"
        return ending, "fluxctl down makes sure that it ends; fluxctl ps shows what runs"
    return f"; the pod {newest.pod_id} goes on loading and costs {price}{spent}; {GUARDED}", RESUME_OR_END


def _named(one: StillRented) -> str:
    return f"{one.pod_id or one.name} ({rate(one.price_per_hour_usd)})"


def interrupted_end(environment: Environment, provider: str) -> InterruptedByUser:
    """Return what to raise when Ctrl-C came while a pod was being ended."""
    left = [one for one in still_rented(environment) if one.state != "stopped"] if provider == RUNPOD else []
    if not left:
        return InterruptedByUser("interrupted; the worker may still run", hint="fluxctl status")
    names = ", ".join(map(_named, left))
    why = f"interrupted; it is not confirmed that these are gone, and until they are they cost money: {names}"
    return InterruptedByUser(why, hint="fluxctl down again, or fluxctl ps")
