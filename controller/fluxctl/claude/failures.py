"""Translates what the SDK raises into errors of our own, which hold nothing of the request: its headers carry the key."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import anthropic

from fluxctl.claude.access import Access
from fluxctl.claude.errors import EnhancementError
from fluxctl.errors import FluxctlError, SettingsError
from fluxctl.output.plain import one_line, shortened

KEYS_PAGE = "https://console.anthropic.com/settings/keys"
SHORTEST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
"""A server that wants a longer one is not waited for: somebody looks on."""
_SOUNDS_LIKE_A_KEY = re.compile(r"sk-ant-[\w-]+")
_LONGEST_REASON_COLUMNS = 200


@dataclass(frozen=True)
class Failure:
    """A try that failed; `pause_seconds` is how long to wait for the next one, None where that is pointless."""

    problem: FluxctlError
    pause_seconds: float | None


def failure_of(error: Exception, access: Access, model: str) -> Failure:
    """Given what a call raised, return what to say of it, and whether to try again."""
    if isinstance(error, TimeoutError | anthropic.APITimeoutError):
        said = f"Claude did not answer within {access.timeout_seconds:g} s"
        return Failure(_everybodys(said, "claude_timeout", "fluxctl config set enhance.timeout_seconds NUMBER"), SHORTEST_PAUSE_SECONDS)
    if isinstance(error, anthropic.APIConnectionError):
        reason = _safe(str(error.__cause__ or error), access)
        said = f"Anthropic cannot be reached at {_host(access.base_url)}: {reason}"
        return Failure(_everybodys(said, "claude_unreachable"), SHORTEST_PAUSE_SECONDS)
    if isinstance(error, anthropic.APIStatusError):
        return Failure(_refusal(error, access, model), _pause_seconds(error))
    reason = _safe(f"{type(error).__name__}: {error}", access)
    return Failure(EnhancementError(f"Claude's answer cannot be read: {reason}", code="answer_unreadable"), None)


def _refusal(error: anthropic.APIStatusError, access: Access, model: str) -> FluxctlError:
    status = error.status_code
    why = f": {_safe(error.api_message, access)}" if isinstance(error.api_message, str) else ""
    if status in (401, 403):
        hint = f"put a valid one into config.env; keys are made at {KEYS_PAGE}"
        return SettingsError(f"Anthropic refuses ANTHROPIC_API_KEY ({status}){why}", hint=hint, code="anthropic_key_refused")
    if status == 404 and error.type == "not_found_error":
        hint = "fluxctl config set enhance.model claude-haiku-5-5"
        return SettingsError(f"Anthropic knows no model {model}{why}", hint=hint, code="unknown_claude_model")
    if status == 429:
        return _everybodys(f"Anthropic's limit of requests is reached{why}", "claude_rate_limit")
    if status == 529:
        return _everybodys(f"Anthropic is overloaded{why}", "claude_overloaded")
    if status >= 500:
        return _everybodys(f"Anthropic has a problem of its own ({status}){why}", "claude_unavailable")
    hint = "fluxctl config set enhance.effort null" if "effort" in why else ""
    return EnhancementError(f"Anthropic refused the request ({status}){why}", hint=hint, code="claude_refused_request")


def _pause_seconds(error: anthropic.APIStatusError) -> float | None:
    headers = error.response.headers
    if (error.status_code not in (408, 409, 429) and error.status_code < 500) or headers.get("x-should-retry") == "false":
        return None
    try:
        asked = float(headers.get("retry-after", SHORTEST_PAUSE_SECONDS))
    except ValueError:
        return SHORTEST_PAUSE_SECONDS
    return asked if 0 <= asked <= LONGEST_PAUSE_SECONDS else None


def _everybodys(text: str, code: str, hint: str = "") -> EnhancementError:
    return EnhancementError(text, hint=hint, code=code, concerns_all=True)


def _safe(text: str, access: Access) -> str:
    """Return a server's or library's words on one line, short, and without the key, which some of them repeat."""
    text = _SOUNDS_LIKE_A_KEY.sub("(key)", text.replace(access.key, "(key)"))
    return shortened(one_line(text), _LONGEST_REASON_COLUMNS)


def _host(base_url: str) -> str:
    """Return the place without name and password, which an address may hold."""
    try:
        parts = urlsplit(base_url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "ANTHROPIC_BASE_URL"
    return one_line(f"{parts.hostname}{port}") if parts.hostname else "ANTHROPIC_BASE_URL, which is no address"
