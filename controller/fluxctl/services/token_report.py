"""Reports how a prompt goes into the encoders, before anything is made."""

from dataclasses import asdict, dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError
from fluxctl.prompts import alternatives
from fluxctl.prompts.fit import Fit, fit
from fluxctl.prompts.t5 import T5Count, count_t5
from fluxctl.services.choice import LOCAL, MODEL_WITHOUT_GPU, choose_provider, default_model
from fluxctl.settings.limits import checked_prompt
from fluxctl.settings.load import Settings
from fluxctl.settings.resolve import model_for
from fluxctl.settings.said import Said
from fluxctl.wish import Wish

SCHEMA = 1
"""Version of the JSON object; a change that a reader cannot ignore raises it."""


@dataclass(frozen=True)
class TokenReport:
    """What each encoder sees of one prompt."""

    model: str
    prompt: str
    """As the encoders get it: of alternatives, the longest."""
    combinations: int
    """Prompts that the alternatives stand for; 1 without any."""
    clip: Fit
    t5: T5Count

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `tokens --json`."""
        clip = self.clip
        return {
            "schema": SCHEMA,
            "model": self.model,
            "prompt": self.prompt,
            "combinations": self.combinations,
            "clip": {"tokens": clip.count, "limit": clip.limit, "exact": clip.exact, "text": clip.text},
            "t5": asdict(self.t5),
            "error": None,
        }


def report_tokens(prompt: str, model: str | None, environment: Environment, settings: Settings) -> TokenReport:
    """Given a prompt as typed and a model's name (None: the one that `gen` would take), return what its encoders see of it."""
    name = model_for(Wish(model=model), settings, _default_model(environment, settings))
    card = settings.values.models[name]
    template = alternatives.parse(checked_prompt(Said(prompt, "the prompt")))
    longest = alternatives.longest(template)
    t5 = count_t5(longest, card.source, card.maximum_sequence_length)
    return TokenReport(name, longest, alternatives.count(template), fit(longest), t5)


def _default_model(environment: Environment, settings: Settings) -> str:
    """Return the model of the provider that the settings choose; the one without a GPU while it cannot be asked."""
    provider = choose_provider(None, settings.values.provider, (), key_is_set=settings.secrets.runpod_api_key is not None).name
    if provider == LOCAL:
        return default_model(gpu=False)
    from fluxctl.services.provider import default_model_of

    try:
        return default_model_of(provider, environment, settings)
    except ProviderError:
        return MODEL_WITHOUT_GPU
