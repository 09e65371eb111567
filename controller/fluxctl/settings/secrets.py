"""Secrets: a type of their own that no message, table or JSON shows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from fluxctl.settings.origin import Origin

SECRET_FIELDS = {
    "RUNPOD_API_KEY": "runpod_api_key",
    "ANTHROPIC_API_KEY": "anthropic_api_key",
    "HF_TOKEN": "hf_token",
}
"""Variable → field of `Secrets`."""
_SOUNDS_SECRET = ("api_key", "apikey", "token", "secret", "password")


class Secret:
    """A value that only `reveal` gives away."""

    __slots__ = ("_value", "origin")

    def __init__(self, value: str, origin: Origin) -> None:
        self._value = value
        self.origin = origin

    def reveal(self) -> str:
        """Return the secret itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        """Return where it came from, never what it is."""
        return f"Secret(set, from {self.origin.text})"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a pickle would hold the value; raise TypeError."""
        raise TypeError("a secret is not written anywhere")


@dataclass(frozen=True)
class Secrets:
    """The keys that fluxctl knows; None: not set."""

    runpod_api_key: Secret | None = None
    anthropic_api_key: Secret | None = None
    hf_token: Secret | None = None

    def by_variable(self) -> dict[str, Secret | None]:
        """Return the secrets under the names of their variables."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {variable: values[field] for variable, field in SECRET_FIELDS.items()}


def secrets_from(found: Mapping[str, Secret]) -> Secrets:
    """Given variable → secret, return them as `Secrets`."""
    return Secrets(**{SECRET_FIELDS[variable]: secret for variable, secret in found.items()})


def sounds_secret(key: str) -> bool:
    """Return whether a setting of this name would be a secret, which no YAML file and no flag may hold."""
    return any(word in key.lower().replace("-", "_") for word in _SOUNDS_SECRET)
