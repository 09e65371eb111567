"""Decides which provider a command uses; it is always said which, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.errors import UsageError
from fluxctl.settings.nearest import suggestion

LOCAL = "local"
PROVIDERS = (LOCAL,)
"""Every provider, by the name that is typed."""
_DEFAULT_MODELS = {LOCAL: "embedded"}


@dataclass(frozen=True)
class Choice:
    """A provider's name, and half a sentence that says why it."""

    name: str
    because: str


def choose_provider(flag: str | None, setting: str | None, live: Sequence[str]) -> Choice:
    """Given the flag, the setting and the providers with a live pod (last used first), return the provider; raise UsageError for
    a name that there is not."""
    for name, because in ((flag, "as asked"), (setting, "from the settings")):
        if name is not None:
            return Choice(_known(name), because)
    if live:
        return Choice(live[0], "a worker runs there")
    return Choice(LOCAL, "nothing else was asked for")


def _known(name: str) -> str:
    if name not in PROVIDERS:
        raise UsageError(f"there is no provider {name!r}; {suggestion(name, PROVIDERS)}", hint="--provider local", code="unknown_provider")
    return name


def default_model(provider: str) -> str:
    """Given a provider's name, return the model card that is used there when nobody names one."""
    return _DEFAULT_MODELS[provider]
