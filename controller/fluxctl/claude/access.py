"""How Claude is reached: key, place and patience."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fluxctl.errors import SettingsError
from fluxctl.settings.load import Settings

BASE_URL_VARIABLE = "ANTHROPIC_BASE_URL"
_BASE_URL = "https://api.anthropic.com"
_KEY = re.compile(r"[\x21-\x7e]+")
"""What an HTTP header can hold; anything else would be repeated by the error that refuses it."""

Effort = Literal["low", "medium", "high", "xhigh", "max"]


@dataclass(frozen=True)
class Access:
    """Everything about a call but what is asked."""

    key: str = field(repr=False)
    base_url: str
    timeout_seconds: float
    """Of one try, from the first byte sent to the last received."""
    retries: int
    maximum_tokens: int
    effort: Effort | None
    """None: not sent."""


def access_from(settings: Settings, variables: Mapping[str, str]) -> Access:
    """Given settings and the process's variables, return how to reach Claude; raise SettingsError when there is no key.

    Only the environment says where Claude is: a `config.env` in some folder must not send the key elsewhere.
    """
    secret = settings.secrets.anthropic_api_key
    hint = "ANTHROPIC_API_KEY=… in config.env (fluxctl config path says where), or in the environment"
    if secret is None:
        raise SettingsError("ANTHROPIC_API_KEY is not set, and Claude needs it", hint=hint, code="no_anthropic_key")
    if not _KEY.fullmatch(secret.reveal()):
        raise SettingsError("ANTHROPIC_API_KEY holds a character that no key has", hint=hint, code="anthropic_key_refused")
    values = settings.values.enhance
    return Access(
        key=secret.reveal(),
        base_url=variables.get(BASE_URL_VARIABLE, "").strip() or _BASE_URL,
        timeout_seconds=values.timeout_seconds,
        retries=values.retries,
        maximum_tokens=values.maximum_tokens,
        effort=values.effort,
    )
