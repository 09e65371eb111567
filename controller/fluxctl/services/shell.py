"""Runs a shell or a command in the live pod."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError, UsageError
from fluxctl.link.remote import run_shell
from fluxctl.link.remote_pod import RemotePod
from fluxctl.pods.pod import Pod
from fluxctl.providers.base import Provider
from fluxctl.services.provider import open_provider
from fluxctl.settings.load import Settings


@dataclass(frozen=True)
class LivePod:
    """What lives at a provider, and how it is reached over SSH."""

    provider: Provider
    pod: Pod
    remote: RemotePod | None
    """None: it lives on this computer itself."""


def live_pod(environment: Environment, settings: Settings, provider: str) -> LivePod:
    """Given a provider that was chosen, return what lives there; raise NotReadyError when nothing does."""
    opened = open_provider(provider, environment, settings)
    pod = opened.find()
    if pod is None:
        raise NotReadyError(f"nothing is running (provider {provider})", hint=f"fluxctl up --provider {provider}", code="not_running")
    return LivePod(opened, pod, opened.remote(pod))


def shell(environment: Environment, settings: Settings, command: Sequence[str], *, provider: str, terminal: bool) -> int:
    """Given a command (none: a shell), run it in the provider's live pod with this process's own streams, and return its exit code;
    raise UsageError where the pod is this computer."""
    live = live_pod(environment, settings, provider)
    if live.remote is None:
        why = "the worker runs on this computer itself, so there is nothing to log in to"
        raise UsageError(why, hint="type the command here; the worker's log: fluxctl logs", code="pod_is_here")
    return run_shell(environment, live.remote, settings.values.link, command, terminal=terminal)
