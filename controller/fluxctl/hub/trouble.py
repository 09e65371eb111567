"""What can be wrong between a token and a model on the hub, each with what to type next."""

from fluxctl.errors import FluxctlError, ProviderError, SettingsError

TOKENS_PAGE = "https://huggingface.co/settings/tokens"


def bad_token() -> SettingsError:
    """Return the error for text that no token can be."""
    return SettingsError("HF_TOKEN holds a character that no token has", hint="fluxctl init asks for it anew", code="hf_token_refused")


def token_refused(host: str, reason: str) -> SettingsError:
    """Given the hub's words, say that it does not know the token."""
    hint = f"make a read token at {TOKENS_PAGE}, then fluxctl init"
    return SettingsError(f"{host} refuses HF_TOKEN{_because(reason)}", hint=hint, code="hf_token_refused")


def gated(repository: str, page: str, reason: str, *, token: bool) -> SettingsError:
    """Given a model behind a licence that this token, or nobody in particular, may not download, say what opens it."""
    if not token:
        hint = f"accept the licence at {page}, make a read token at {TOKENS_PAGE}, then fluxctl init"
        return SettingsError(f"{repository} is gated, and HF_TOKEN is not set", hint=hint, code="no_hf_token")
    hint = f"accept the licence at {page}; a fine-grained token also needs read access to gated repositories: {TOKENS_PAGE}"
    return SettingsError(f"HF_TOKEN may not download {repository}{_because(reason)}", hint=hint, code="model_gated")


def no_repository(repository: str, host: str) -> SettingsError:
    """Given a repository that the hub does not show, say so."""
    why = f"{host} has no model {repository}, or HF_TOKEN may not see it"
    return SettingsError(why, hint="fluxctl config show lists the models", code="model_missing")


def broken(host: str, status: int, reason: str) -> FluxctlError:
    """Given an answer that means nothing to us, repeat it."""
    return ProviderError(f"{host} answers {status}{_because(reason)}", hint="try again later", code="hub_broken")


def page(host: str, status: int) -> FluxctlError:
    """Given the status of a page that came in place of an answer, say that somebody else sent it."""
    why = f"{host}: something in between answered with a page, not with an answer of the hub's ({status})"
    return ProviderError(why, hint="look at your network, VPN or proxy, then try again", code="hub_unreachable")


def unreachable(host: str, why: str) -> FluxctlError:
    """Given a hub that nobody answers at, say so."""
    return ProviderError(f"{host} cannot be reached: {why}", hint="check your connection, then try again", code="hub_unreachable")


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""
