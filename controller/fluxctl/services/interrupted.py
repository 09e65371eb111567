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
    if not rentals:
        return InterruptedByUser("interrupted; nothing is rented, and nothing costs money")
    newest = rentals[0]
    if newest.pod_id is None:
        why = (
            f"interrupted while the order was on its way: whether the pod {newest.name} exists is not known; if it does, it costs "
            f"{rate(newest.price_per_hour_usd)} until it ends itself"
        )
        return InterruptedByUser(why, hint="fluxctl down looks for it and ends it")
    spent = "" if newest.cost_usd is None else f" ({dollars(newest.cost_usd)} so far)"
    why = f"interrupted; the pod {newest.pod_id} goes on loading and costs {rate(newest.price_per_hour_usd)}{spent}; {GUARDED}"
    return InterruptedByUser(why, hint="fluxctl down ends it now; fluxctl up waits for it again")


def interrupted_end(environment: Environment, provider: str) -> InterruptedByUser:
    """Return what to raise when Ctrl-C came while a pod was being ended."""
    left = still_rented(environment) if provider == RUNPOD else ()
    if not left:
        return InterruptedByUser("interrupted; the worker may still run", hint="fluxctl status")
    names = ", ".join(f"{one.pod_id or one.name} ({rate(one.price_per_hour_usd)})" for one in left)
    why = f"interrupted; it is not confirmed that these are gone, and until they are they cost money: {names}"
    return InterruptedByUser(why, hint="fluxctl down again, or fluxctl ps")
