"""Opens a provider by its name, tells what lives there, and puts together what a new pod of it is to be."""

from dataclasses import fields

from fluxctl.environment import Environment
from fluxctl.errors import InterruptedByUser, UsageError
from fluxctl.link.connection import Timeouts
from fluxctl.pods.pod import Pod, PodPlan
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


def live_pods(environment: Environment, settings: Settings) -> dict[str, Pod | None]:
    """Return the live pods by their provider's name, last used first; None for something alive that cannot be described."""
    live: dict[str, Pod | None] = {}
    for name in PROVIDERS:
        try:
            pod = open_provider(name, environment, settings).find()
        except PodStateLostError:
            live[name] = None
        else:
            if pod is not None:
                live[name] = pod
    return live


def live_providers(environment: Environment, settings: Settings) -> list[str]:
    """Return the providers with a live pod, last used first."""
    return list(live_pods(environment, settings))


def limits_of(settings: Settings) -> Limits:
    """Return the limits that a new pod gets."""
    return Limits(**{item.name: getattr(settings.values.pod, item.name) for item in fields(Limits)})


def kept_limits(pod: Pod, wanted: Limits) -> tuple[str, ...]:
    """Given a live pod and the limits of the settings, return one note if the pod keeps others until it ends, none if it does not."""
    kept = [
        f"pod.{item.name} {getattr(pod.limits, item.name):g} (the settings say {getattr(wanted, item.name):g})"
        for item in fields(Limits)
        if getattr(pod.limits, item.name) != getattr(wanted, item.name)
    ]
    return (f"the running worker keeps {', '.join(kept)}; fluxctl down first to change that",) if kept else ()


def pod_plan(settings: Settings, model: str, source: str) -> PodPlan:
    """Given the settings and the model that is loaded first, return what a new pod is to be."""
    token = settings.secrets.hf_token
    return PodPlan(
        model=model,
        source=source,
        limits=limits_of(settings),
        queue_limit=settings.values.worker.queue_limit,
        keep_results_seconds=settings.values.worker.keep_results_seconds,
        hub_token=token.reveal() if token else None,
    )


def interrupted_start(environment: Environment, settings: Settings) -> InterruptedByUser:
    """Return what to raise when Ctrl-C came while a worker was brought up: it says what runs now."""
    if live_pods(environment, settings):
        return InterruptedByUser("interrupted; the worker goes on loading, and ends by itself when nobody uses it", hint="fluxctl down")
    return InterruptedByUser("interrupted; no worker was started")
