"""Checks each key with a cheap call: none of them costs anything, none changes anything, none is waited for without end."""

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.hub.access import HubAccess, hub_access
from fluxctl.providers.runpod.api import Account
from fluxctl.services.account import runpod_account
from fluxctl.services.choice import MODEL_WITH_GPU
from fluxctl.services.in_time import in_time
from fluxctl.settings.load import Settings
from fluxctl.settings.resolve import model_for
from fluxctl.wish import Wish

EMBEDDED = "embedded"
MOST_SECONDS = 20.0
"""For one check: somebody looks on, and a key that nobody judged is kept all the same."""
REFUSED = frozenset({"key_refused", "rights", "anthropic_key_refused", "hf_token_refused"})
"""Codes of errors that say that the key itself is wrong: it is not kept."""
UNANSWERED = frozenset(
    {
        "unreachable",
        "rate_limited",
        "unknown_answer",
        "hub_unreachable",
        "hub_broken",
        "claude_timeout",
        "claude_unreachable",
        "claude_rate_limit",
        "claude_overloaded",
        "claude_unavailable",
    }
)
"""Codes of errors that say nothing about the key."""


def check_runpod_key(environment: Environment, settings: Settings) -> Account:
    """Return what RunPod says of the account; raise SettingsError when it refuses the key, ProviderError when it cannot be asked."""
    with runpod_account(environment, settings) as api:
        return in_time(api.account, MOST_SECONDS, "RunPod")


def account_words(account: Account) -> str:
    """Return an account for people."""
    balance = "RunPod does not say how much is left" if account.balance_usd is None else f"${account.balance_usd:.2f} left"
    spend = f", ${account.spend_per_hour_usd:.2f}/h spent now" if account.spend_per_hour_usd else ""
    return f"RunPod takes it; {balance}{spend}"


def check_anthropic_key(environment: Environment, settings: Settings) -> str:
    """Return what Anthropic says; raise SettingsError when it refuses key or model, EnhancementError when it cannot be asked."""
    from fluxctl.claude.access import access_from
    from fluxctl.claude.key_check import check_key

    access, model = access_from(settings, environment.variables), settings.values.enhance.model
    try:
        name = in_time(lambda: check_key(access, model), MOST_SECONDS, "Anthropic")
    except FluxctlError as error:
        if says_nothing(error):
            # What helps a picture (to go without) does not help here.
            error.hint = "check your connection, then try again"
        raise
    return f"Anthropic takes it; prompts are rewritten by {name}"


def check_hub_token(environment: Environment, settings: Settings) -> str:
    """Return what the hub says of HF_TOKEN and of the model that pods load first.

    Raise SettingsError when it refuses one of the two, ProviderError when it cannot be asked.
    """
    secret = settings.secrets.hf_token
    access = hub_access(secret.reveal() if secret else None, environment.variables)
    return in_time(lambda: _hub_words(access, settings), MOST_SECONDS, access.host)


def _hub_words(access: HubAccess, settings: Settings) -> str:
    model = wanted_model(settings)
    card = settings.values.models[model]
    if not needs_hub(settings, model):
        return f"{access.host} takes it ({access.whoami()}); {model} needs none" if access.token else f"{model} needs none"
    access.check_model(card.source, card.page)
    return f"it may download {model} from {access.host}"


def wanted_model(settings: Settings) -> str:
    """Return the model card that a rented pod loads first when nobody names one."""
    return model_for(Wish(), settings, MODEL_WITH_GPU)


def needs_hub(settings: Settings, model: str) -> bool:
    """Return whether a model lies behind a licence on the hub."""
    card = settings.values.models[model]
    return card.gated and card.source != EMBEDDED and not card.source.startswith("/")


def says_nothing(problem: FluxctlError) -> bool:
    """Return whether an error only means that nobody answered."""
    return problem.code in UNANSWERED
