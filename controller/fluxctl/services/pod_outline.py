"""Puts into words what a new pod would be, before it is made: where, of what, with which model, and when it ends."""

from fluxctl.environment import Environment
from fluxctl.output.moments import span
from fluxctl.services.provider import limits_of, open_provider
from fluxctl.settings.load import Settings


def pod_outline(provider: str, model: str, environment: Environment, settings: Settings) -> tuple[str, ...]:
    """Given a provider that was chosen and the model that is loaded first, return the plan's lines; none while a pod lives."""
    opened = open_provider(provider, environment, settings)
    if opened.find() is not None:
        return ()
    limits = limits_of(settings)
    ends = f"ends {span(limits.idle_timeout_seconds)} after its last use, {span(limits.lifetime_seconds)} after its start at the latest"
    return (f"{opened.place()}", f"{model} · {ends}")
