"""What `up` is about to do: at which provider, with which model, on what terms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.pods.quote import Quote
from fluxctl.pods.rent_wish import RentWish
from fluxctl.services.bring_up import Ready, bring_up
from fluxctl.services.choice import RUNPOD
from fluxctl.services.left_behind import bring_home
from fluxctl.services.listener import Listener
from fluxctl.services.pod_outline import pod_outline
from fluxctl.services.provider import chosen, default_model_of, open_provider
from fluxctl.services.quote_report import SCHEMA, quote_document, quote_for
from fluxctl.services.renting import RentFlags, Renting
from fluxctl.settings.load import Settings
from fluxctl.settings.resolve import model_for
from fluxctl.wish import Wish


@dataclass(frozen=True)
class Preview:
    """What `up --dry-run` shows."""

    provider: str
    because: str
    model: str
    pod_id: str | None
    """Of a pod that lives already."""
    outline: tuple[str, ...]
    quote: Quote | None
    wish: RentWish | None

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `up --dry-run --json`."""
        return {
            "schema": SCHEMA,
            "dry_run": True,
            "provider": self.provider,
            "because": self.because,
            "model": self.model,
            "pod": self.pod_id and {"id": self.pod_id},
            "plan": self.quote and quote_document(self.quote, self.wish),
            "error": None,
        }


@dataclass(frozen=True)
class Bringing:
    """Everything of an `up` that is settled before anything is made."""

    provider: str
    because: str
    model: str
    flags: RentFlags

    def source(self, settings: Settings) -> str:
        """Return where the model comes from."""
        return settings.values.models[self.model].source

    def outline(self, environment: Environment, settings: Settings) -> tuple[str, ...]:
        """Return the plan's lines where a pod costs nothing; what a rented one costs is shown when it is asked for."""
        return () if self.provider == RUNPOD else pod_outline(self.provider, self.model, environment, settings)

    def preview(self, environment: Environment, settings: Settings) -> Preview:
        """Return what would be made; nothing is."""
        pod = open_provider(self.provider, environment, settings).find()
        if pod is not None:
            return Preview(self.provider, self.because, self.model, pod.id, (), None, None)
        quote, wish = quote_for(
            environment, settings, provider=self.provider, model=self.model, source=self.source(settings), flags=self.flags
        )
        outline = self.outline(environment, settings)
        return Preview(self.provider, self.because, self.model, None, outline, quote, wish)

    def bring_up(self, environment: Environment, settings: Settings, listener: Listener, terms: Renting) -> Ready:
        """Return a ready worker. What an earlier one left on the same volume is brought home at once."""
        source, report = self.source(settings), listener.phase
        ready = bring_up(environment, settings, model=self.model, source=source, provider=self.provider, report=report, renting=terms)
        bring_home(environment, settings, ready, listener)
        return ready


def bringing(
    environment: Environment,
    settings: Settings,
    *,
    provider: str | None,
    model: str | None,
    flags: RentFlags,
    unheard: Callable[[str], None],
) -> Bringing:
    """Given what was typed, return what `up` is about to do; raise UsageError for what cannot be."""
    choice = chosen(provider, environment, settings, unheard)
    checked = flags.checked(choice.name)
    name = model_for(Wish(model=model), settings, default_model_of(choice.name, environment, settings))
    return Bringing(choice.name, choice.because, name, checked)
