"""Decides which provider a command uses; it is always said which, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.errors import UsageError
from fluxctl.settings.nearest import suggestion

LOCAL = "local"
DOCKER = "docker"
RUNPOD = "runpod"
PROVIDERS = (LOCAL, DOCKER, RUNPOD)
"""Every provider, by the name that is typed."""
MODEL_WITH_GPU = "FLUX.1-dev"
MODEL_WITHOUT_GPU = "embedded"


@dataclass(frozen=True)
class Choice:
    """A provider's name, and half a sentence that says why it."""

    name: str
    because: str


def choose_provider(flag: str | None, setting: str | None, live: Sequence[str], *, key_is_set: bool = False) -> Choice:
    """Given the flag, the setting, the providers with a live pod (last used first) and whether there is a key for renting, return
    the provider; raise UsageError for a name that there is not."""
    for name, because in ((flag, "as asked"), (setting, "from the settings")):
        if name is not None:
            return Choice(_known(name), because)
    if live:
        return Choice(live[0], "a worker runs there")
    if key_is_set:
        return Choice(RUNPOD, "RUNPOD_API_KEY is set")
    return Choice(LOCAL, "nothing else was asked for")


def _known(name: str) -> str:
    if name not in PROVIDERS:
        raise UsageError(f"there is no provider {name!r}; {suggestion(name, PROVIDERS)}", hint="--provider local", code="unknown_provider")
    return name


def default_model(*, gpu: bool) -> str:
    """Given whether the provider offers a GPU, return the model card that is used there when nobody names one."""
    return MODEL_WITH_GPU if gpu else MODEL_WITHOUT_GPU
