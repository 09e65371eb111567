"""Puts into words what a new pod would be, before it is made: where, of what, with which model, and when it ends."""

from fluxctl.environment import Environment
from fluxctl.services.provider import limits_of, open_provider
from fluxctl.settings.load import Settings


def pod_outline(provider: str, model: str, environment: Environment, settings: Settings) -> tuple[str, ...]:
    """Given a provider that was chosen and the model that is loaded first, return the plan's lines; none while a pod lives."""
    opened = open_provider(provider, environment, settings)
    if opened.find() is not None:
        return ()
    limits = limits_of(settings)
    ends = f"ends {_span(limits.idle_timeout_seconds)} after its last use, {_span(limits.lifetime_seconds)} after its start at the latest"
    return (f"{opened.place()}", f"{model} · {ends}")


def _span(seconds: float) -> str:
    """Return a length of time as people say it."""
    if seconds < 120:
        return f"{seconds:g} s"
    if seconds < 7200:
        return f"{seconds / 60:g} min"
    return f"{round(seconds / 3600, 1):g} h"
