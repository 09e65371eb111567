"""Checks a key of Anthropic's by asking for the description of the model: a call that costs nothing."""

import anthropic

from fluxctl.claude.access import Access
from fluxctl.claude.failures import Failure, failure_of


def check_key(access: Access, model: str) -> str:
    """Given how Claude is reached, return the model's name for people; raise SettingsError when key or model is refused, EnhancementError
    when Anthropic cannot be asked."""
    failure = _try(access, model)
    if isinstance(failure, Failure):
        raise failure.problem
    return failure


def _try(access: Access, model: str) -> str | Failure:
    """Return the model's name, or a Failure; nothing that the SDK raised goes on from here."""
    try:
        with anthropic.Anthropic(
            api_key=access.key, base_url=access.base_url, timeout=access.timeout_seconds, max_retries=0, open_telemetry=False
        ) as client:
            return str(client.models.retrieve(model).display_name or model)
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises may hold the request, and with it the key
        return failure_of(error, access, model)
