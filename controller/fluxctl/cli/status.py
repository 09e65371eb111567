"""`fluxctl status`: what runs, what it does, and when it ends; looking changes nothing."""

from typing import TYPE_CHECKING

import typer

from fluxctl.cli import options
from fluxctl.output.moments import clock, dollars, moment, rate

if TYPE_CHECKING:
    from fluxctl.pods.rental import Rental
    from fluxctl.services.status import Status

_REASONS = {
    "idle": "without use",
    "boot": "without progress of loading",
    "lifetime": "when its lifetime is over",
    "gone": "its worker is gone",
}


def status(context: typer.Context, provider: options.WhichProvider = None, json: options.Json = False) -> None:
    """Show the worker: its model and queue, what it costs, when it ends if nobody uses it, when at the latest, and its logs."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.fallback import settings_or_defaults
    from fluxctl.services.provider import chosen
    from fluxctl.services.status import status as look

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings, warnings = settings_or_defaults(environment)
    for warning in warnings:
        sink.warn(warning)
    found = look(environment, settings, chosen(provider, environment, settings))
    sink.document(found.document())
    for name, text in _lines(found):
        sink.line(f"{name:<9}{text}")
    if found.pod is None:
        again = "fluxctl up starts it again, with what lies on its disk; fluxctl down --all ends it for good"
        sink.hint(again if found.stopped else "fluxctl up, or fluxctl gen PROMPT")
    elif found.watch is not None and not found.watch.alive and not _is_out_of_sight(found):
        sink.warn("the watchdog does not run, so nothing ends this worker by itself; fluxctl up starts it again")


def _lines(found: "Status") -> list[tuple[str, str]]:
    """Return the status as named lines."""
    lines = [("provider", f"{found.provider} ({found.because})")]
    if found.pod is None:
        kept = [("stopped", found.stopped)] if found.stopped else []
        return [*lines, ("worker", "nothing is running"), *kept]
    lines.append(("pod", f"{found.pod.id}, since {moment(found.pod.created_at)}"))
    if found.pod.rental is not None:
        lines += _rental(found, found.pod.rental)
    lines.append(("worker", _worker(found)))
    if found.worker is not None:
        lines += [
            ("model", found.worker.health.model or f"{found.pod.model} (not loaded)"),
            ("queue", f"{found.worker.running} running, {found.worker.queued} waiting"),
        ]
    lines.append(("ends", _end(found)))
    if found.lifetime_ends_at is not None:
        lines.append(("latest", f"{moment(found.lifetime_ends_at)}, in {clock(found.lifetime_ends_at - found.now)}"))
    if found.watch is not None and not _is_out_of_sight(found):
        lines.append(("watchdog", f"{'alive' if found.watch.alive else 'not running'}; log {found.watch.log}"))
    return [*lines, ("log", found.log.path)] if found.log else lines


def _rental(found: "Status", rental: "Rental") -> list[tuple[str, str]]:
    """Return what the market says of the pod, and the money."""
    from fluxctl.output.plain import one_line

    place = f" in {rental.data_center}" if rental.data_center else ""
    said = f" ({one_line(rental.reason)})" if rental.reason and rental.state != "running" else ""
    spent = f" · {dollars(found.cost_usd)} so far" if found.cost_usd is not None else ""
    lines = [
        ("rented", f"{one_line(rental.gpu_type or 'GPU not known')}{place} · {rental.state}{said}"),
        ("costs", f"{rate(rental.price_per_hour_usd)}{spent}"),
    ]
    if found.pod is not None and found.pod.adopted:
        lines.append(("owner", "rented from another computer, or before this ledger began; only fluxctl down --all ends it"))
    return lines


def _worker(found: "Status") -> str:
    if found.worker is None:
        said = found.entrypoint
        return f"{said.state}: {said.detail or found.silence}" if said is not None else f"no answer: {found.silence}"
    health = found.worker.health
    detail = f": {health.detail}" if health.detail else ""
    return f"{health.phase} for {clock(health.seconds_in_phase)}{detail}"


def _is_out_of_sight(found: "Status") -> bool:
    """Return whether it is a rented pod that cannot be looked into: nothing can be said of its watchdog."""
    return found.pod is not None and found.pod.rental is not None and not (found.watch is not None and found.watch.alive)


def _end(found: "Status") -> str:
    """Say when the pod ends if nobody uses it."""
    watch, left = found.watch, found.ends_in_seconds
    if _is_out_of_sight(found):
        return "not known while it does not answer: by its own watchdog, or by the guard of fluxctl up while it comes up"
    if watch is None or watch.ends_at is None or left is None:
        return "not known: the watchdog has not said" if watch and watch.alive else "not by itself: the watchdog does not run"
    why = _REASONS.get(watch.reason or "", "")
    if watch.in_use:
        return f"in use; {clock(left)} {why} after that"
    return f"in {clock(left)} {why}, at {moment(watch.ends_at)}"
