"""Opens a provider by its name, and puts together what a new pod of it is to be."""

from dataclasses import fields

from fluxctl.environment import Environment
from fluxctl.errors import UsageError
from fluxctl.link.connection import Timeouts
from fluxctl.pods.pod import PodPlan
from fluxctl.providers.base import PodStateLostError, Provider
from fluxctl.services.choice import LOCAL, PROVIDERS
from fluxctl.settings.load import Settings
from fluxpod.pod_contract import Limits


def open_provider(name: str, environment: Environment, settings: Settings) -> Provider:
    """Given a name that `choose_provider` returned, return the provider; nothing is asked of it yet."""
    if name != LOCAL:
        raise UsageError(f"there is no provider {name!r}", code="unknown_provider")
    from fluxctl.providers.local import LocalProvider

    link = settings.values.link
    timeouts = Timeouts(link.connect_timeout_seconds, link.request_timeout_seconds, settings.values.pod.silence_timeout_seconds)
    return LocalProvider(environment, timeouts)


def live_providers(environment: Environment, settings: Settings) -> list[str]:
    """Return the providers with a live pod, last used first."""
    live: list[str] = []
    for name in PROVIDERS:
        try:
            if open_provider(name, environment, settings).find() is not None:
                live.append(name)
        except PodStateLostError:
            live.append(name)
    return live


def pod_plan(settings: Settings, model: str, source: str) -> PodPlan:
    """Given the settings and the model that is loaded first, return what a new pod is to be."""
    values = settings.values
    token = settings.secrets.hf_token
    return PodPlan(
        model=model,
        source=source,
        limits=Limits(**{item.name: getattr(values.pod, item.name) for item in fields(Limits)}),
        queue_limit=values.worker.queue_limit,
        keep_results_seconds=values.worker.keep_results_seconds,
        hub_token=token.reveal() if token else None,
    )
