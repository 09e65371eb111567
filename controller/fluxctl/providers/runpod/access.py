"""How RunPod is reached: with which key, and where."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from fluxctl.errors import SettingsError
from fluxctl.settings.load import Settings
from fluxctl.settings.secrets import Secret

API_VARIABLE, REST_VARIABLE = "RUNPOD_API_BASE_URL", "RUNPOD_REST_BASE_URL"
KEYS_PAGE = "https://console.runpod.io/user/settings"
_API_BASE_URL = "https://api.runpod.io"
_REST_BASE_URL = "https://api.runpod.io/v2"
_KEY = re.compile(r"[\x21-\x7e]+")
"""What an HTTP header can hold; anything else would be repeated by the error that refuses it."""
KEY_HINT = f"fluxctl init asks for it; keys are made at {KEYS_PAGE}. One in the environment goes before that in config.env"


@dataclass(frozen=True)
class Access:
    """One account, and where its two APIs are."""

    key: Secret
    graphql_url: str
    rest_url: str


def is_on_this_computer(url: str) -> bool:
    """Return whether an address leads to this computer itself, without TLS: no proxy or certificate of the environment's counts."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "http" and (host in ("localhost", "::1") or host.startswith("127."))


def access_from(settings: Settings, variables: Mapping[str, str]) -> Access:
    """Given settings and the process's variables, return how to reach RunPod; raise SettingsError when there is no usable key.

    Only the environment says where RunPod is: a `config.env` in some folder must not send the key elsewhere.
    """
    secret = settings.secrets.runpod_api_key
    if secret is None:
        raise SettingsError("RUNPOD_API_KEY is not set, and RunPod needs it", hint=KEY_HINT, code="no_runpod_key")
    if not _KEY.fullmatch(secret.reveal()):
        raise SettingsError("RUNPOD_API_KEY holds a character that no key has", hint=KEY_HINT, code="key_refused")
    return Access(
        key=secret,
        graphql_url=_address(variables, API_VARIABLE, _API_BASE_URL, "/graphql"),
        rest_url=_address(variables, REST_VARIABLE, _REST_BASE_URL, "/v2"),
    )


def _address(variables: Mapping[str, str], variable: str, usual: str, ending: str) -> str:
    """Return where an API is, with its ending once; raise SettingsError when a variable names no place."""
    base = (variables.get(variable, "").strip() or usual).rstrip("/")
    try:
        parts = urlsplit(base)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and (parts.port or True)
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"{variable} is no address", hint=f"unset {variable}", code="bad_base_url")
    return base if base.endswith(ending) else base + ending
