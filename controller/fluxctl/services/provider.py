"""Opens a provider by its name, tells what lives there, and puts together what a new pod of it is to be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError, SettingsError, UsageError
from fluxctl.link.connection import Timeouts
from fluxctl.pods.pod import Pod, PodPlan
from fluxctl.providers.base import PodStateLostError, Provider, Report
from fluxctl.services.choice import DOCKER, LOCAL, RUNPOD, choose_provider, default_model
from fluxctl.services.renting import RentFlags, lifetime_seconds, rent_wish
from fluxctl.services.still_rented import still_rented
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
    if name == RUNPOD:
        from fluxctl.providers.runpod.provider import RunpodProvider

        return RunpodProvider(environment, settings)
    raise UsageError(f"there is no provider {name!r}", code="unknown_provider")


def settle(name: str, environment: Environment, settings: Settings, report: Report) -> tuple[str, ...]:
    """Given a provider, settle what an earlier command or a crash left open there: adopt or end it. Return what is worth telling.

    Only commands that act do this. Nobody is asked where nothing is open.
    """
    if name != RUNPOD:
        return ()
    from fluxctl.providers.runpod.provider import RunpodProvider

    return RunpodProvider(environment, settings).settle(report)


@dataclass(frozen=True)
class Chosen:
    """The provider that a command uses, and what is known of the pods that live."""

    name: str
    because: str
    live: Mapping[str, Pod | None]
    """By provider, last used first; only of those that had to be asked. See `live_pods`."""
    opened: Mapping[str, Provider] = field(default_factory=dict[str, Provider])
    """Those that were asked, which still know what they were told."""

    def open(self, environment: Environment, settings: Settings) -> Provider:
        """Return the provider that was chosen."""
        return self.opened.get(self.name) or open_provider(self.name, environment, settings)

    @property
    def pod(self) -> Pod | None:
        """Return the provider's live pod; None where it has none, or was not asked."""
        return self.live.get(self.name)

    def found(self, environment: Environment, settings: Settings) -> "Chosen":
        """Return this choice with the provider's own live pod looked up, where it may have one and was not asked yet."""
        if self.name in self.live or (self.name != RUNPOD and self.name not in used_before(environment)):
            return self
        try:
            pod = open_provider(self.name, environment, settings).find()
        except PodStateLostError:
            return replace(self, live={**self.live, self.name: None})
        return self if pod is None else replace(self, live={**self.live, self.name: pod})


def chosen(flag: str | None, environment: Environment, settings: Settings, unheard: Callable[[str], None] | None = None) -> Chosen:
    """Given `--provider`, return the provider to use. Nobody is asked what lives when flag or setting name it; see `live_pods`."""
    named = flag is not None or settings.values.provider is not None
    opened: dict[str, Provider] = {}
    live = {} if named else live_pods(environment, settings, unheard, opened)
    choice = choose_provider(flag, settings.values.provider, list(live), key_is_set=settings.secrets.runpod_api_key is not None)
    return Chosen(choice.name, choice.because, live, opened)


def live_pods(
    environment: Environment,
    settings: Settings,
    unheard: Callable[[str], None] | None = None,
    opened: dict[str, Provider] | None = None,
) -> dict[str, Pod | None]:
    """Return the live pods by their provider's name, last used first; None for something alive that cannot be described.

    Docker is asked only where a container was used before, RunPod only where the ledger has a pod that is not known to be gone. One
    that does not answer is none that can be used: `unheard` hears of it. Without `unheard` nothing is passed over: ProviderError is
    raised, or SettingsError where the key is missing. `opened` gets the providers that were asked.
    """
    live: dict[str, Pod | None] = {}
    for name in used_before(environment):
        try:
            provider = open_provider(name, environment, settings)
            if opened is not None:
                opened[name] = provider
            pod = provider.find()
        except PodStateLostError:
            live[name] = None
        except (ProviderError, SettingsError) as error:
            if name == LOCAL or unheard is None:
                raise
            unheard(f"what runs at {name} is not known: {error.message}")
        else:
            if pod is not None:
                live[name] = pod
    return _last_used_first(live, environment) if len(live) > 1 else live


def used_before(environment: Environment) -> tuple[str, ...]:
    """Return the providers that may have a live pod."""
    from fluxctl.providers.docker.record import Record

    used = {LOCAL: True, DOCKER: Record(environment.paths.state).pod_id() is not None, RUNPOD: bool(still_rented(environment))}
    return tuple(name for name in used if used[name])


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


def pod_plan(settings: Settings, model: str, source: str, provider: str, flags: RentFlags) -> PodPlan:
    """Given the settings, the model that is loaded first and what was typed about the machine, return what a new pod is to be."""
    token = settings.secrets.hf_token
    return PodPlan(
        model=model,
        source=source,
        limits=replace(limits_of(settings), lifetime_seconds=lifetime_seconds(flags, settings)),
        queue_limit=settings.values.worker.queue_limit,
        keep_results_seconds=settings.values.worker.keep_results_seconds,
        hub_token=token.reveal() if token else None,
        rent=rent_wish(flags, settings) if provider == RUNPOD else None,
    )
