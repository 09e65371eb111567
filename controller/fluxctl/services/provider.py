"""Opens a provider by its name, tells what lives there, and puts together what a new pod of it is to be."""

from collections.abc import Callable
from dataclasses import fields

from fluxctl.environment import Environment
from fluxctl.errors import InterruptedByUser, ProviderError, UsageError
from fluxctl.link.connection import Timeouts
from fluxctl.pods.pod import Pod, PodPlan
from fluxctl.providers.base import PodStateLostError, Provider
from fluxctl.services.choice import DOCKER, LOCAL, default_model
from fluxctl.settings.load import Settings
from fluxpod.pod_contract import Limits


def open_provider(name: str, environment: Environment, settings: Settings) -> Provider:
    """Given a name that `choose_provider` returned, return the provider; nothing is asked of it yet."""
    values = settings.values
    timeouts = Timeouts(values.link.connect_timeout_seconds, values.link.request_timeout_seconds, values.pod.silence_timeout_seconds)
    if name == LOCAL:
        from fluxctl.providers.local import LocalProvider

        return LocalProvider(environment, timeouts)
    if name == DOCKER:
        from fluxctl.providers.docker.provider import DockerProvider

        return DockerProvider(environment, values.docker, values.pod.image, values.link, timeouts)
    raise UsageError(f"there is no provider {name!r}", code="unknown_provider")


def live_pods(environment: Environment, settings: Settings, unheard: Callable[[str], None] | None = None) -> dict[str, Pod | None]:
    """Return the live pods by their provider's name, last used first; None for something alive that cannot be described.

    Docker is asked only where a container was used before. One whose engine does not answer is none that can be used: `unheard`
    hears of it. Without `unheard` nothing is passed over: ProviderError is raised.
    """
    live: dict[str, Pod | None] = {}
    for name in _used_before(environment):
        try:
            pod = open_provider(name, environment, settings).find()
        except PodStateLostError:
            live[name] = None
        except ProviderError as error:
            if name == LOCAL or unheard is None:
                raise
            unheard(f"what runs at {name} is not known: {error.message}")
        else:
            if pod is not None:
                live[name] = pod
    return _last_used_first(live, environment) if len(live) > 1 else live


def _used_before(environment: Environment) -> tuple[str, ...]:
    """Return the providers that may have a live pod."""
    from fluxctl.providers.docker.record import Record

    return (LOCAL,) if Record(environment.paths.state).pod_id() is None else (LOCAL, DOCKER)


def _last_used_first(live: dict[str, Pod | None], environment: Environment) -> dict[str, Pod | None]:
    """Sort live pods by when they were created or got their last job."""
    from fluxctl.ledger import Ledger  # SQLite, which is needed only where two live

    used = {name: pod.created_at if pod else 0.0 for name, pod in live.items()}
    with Ledger.open(environment) as ledger:
        for job in ledger.jobs():
            if job.provider in used:
                used[job.provider] = max(used[job.provider], job.created_at)
    return {name: live[name] for name in sorted(live, key=lambda name: used[name], reverse=True)}


def default_model_of(name: str, environment: Environment, settings: Settings) -> str:
    """Given a provider's name, return the model card that is used there when nobody names one; raise ProviderError when it cannot
    be asked whether it offers a GPU."""
    return default_model(gpu=open_provider(name, environment, settings).offers_gpu())


def live_providers(environment: Environment, settings: Settings, unheard: Callable[[str], None] | None = None) -> list[str]:
    """Return the providers with a live pod, last used first; see `live_pods`."""
    return list(live_pods(environment, settings, unheard))


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
    unknown: list[str] = []
    live = live_pods(environment, settings, unknown.append)
    if unknown:
        return InterruptedByUser(f"interrupted; {unknown[0]}", hint="fluxctl status")
    if live:
        return InterruptedByUser("interrupted; the worker goes on loading, and ends by itself when nobody uses it", hint="fluxctl down")
    return InterruptedByUser("interrupted; no worker was started")
