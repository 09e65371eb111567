"""Asks the Hugging Face hub whether a token is valid, and whether it may download a model; nothing is downloaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlsplit

from fluxctl.errors import FluxctlError
from fluxctl.hub import trouble
from fluxctl.link.connection import import_httpx
from fluxctl.output.plain import one_line, shortened

ENDPOINT_VARIABLE = "HF_ENDPOINT"
ENDPOINT = "https://huggingface.co"
MOST_SECONDS = 15.0
"""For one answer."""
_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What an HTTP header can hold; anything else would be repeated by the error that refuses it."""
_LONGEST_REASON_COLUMNS = 200


@dataclass(frozen=True)
class HubAccess:
    """One person at one hub."""

    endpoint: str
    token: str | None = field(repr=False)
    timeout_seconds: float = MOST_SECONDS

    @property
    def host(self) -> str:
        """Return the hub's name without user and password, which an address may hold."""
        return urlsplit(self.endpoint).hostname or ENDPOINT_VARIABLE

    def whoami(self) -> str:
        """Return the name of the token's owner; raise SettingsError when the hub refuses it, ProviderError when it cannot be asked."""
        reply = self._get("/api/whoami-v2")
        if reply.status in (401, 403):
            raise trouble.token_refused(self.host, reply.reason)
        if reply.status != 200:
            raise trouble.broken(self.host, reply.status, reply.reason)
        return one_line(str(reply.document.get("name") or "")) or "somebody"

    def check_model(self, repository: str, page: str | None = None) -> None:
        """Return when the token may download the repository; raise SettingsError that says what is missing, or ProviderError."""
        reply = self._get(f"/api/models/{quote(repository)}/auth-check")
        if reply.status == 200:
            return
        page = page or f"{self.endpoint}/{repository}"
        if reply.code == "GatedRepo" or (reply.status == 403 and reply.code != "RepoNotFound"):
            raise trouble.gated(repository, page, reply.reason, token=self.token is not None)
        if reply.status in (401, 404):
            if self.token is not None and reply.status == 401:
                self.whoami()
            raise trouble.no_repository(repository, self.host)
        raise trouble.broken(self.host, reply.status, reply.reason)

    def _get(self, path: str) -> "_Reply":
        if self.token is not None and not _TOKEN.fullmatch(self.token):
            raise trouble.bad_token()
        httpx = import_httpx()
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            # A redirect to another host goes there without the token: httpx takes the header away.
            with httpx.Client(timeout=self.timeout_seconds, follow_redirects=True) as client:
                return self._reply(client.get(f"{self.endpoint}{path}", headers=headers))
        except httpx.TimeoutException as error:
            raise trouble.unreachable(self.host, f"it does not answer within {self.timeout_seconds:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: Exception) -> FluxctlError:
        return trouble.unreachable(self.host, self._safe(str(error) or type(error).__name__))

    def _reply(self, response: Any) -> "_Reply":
        if _is_page(response):
            raise trouble.page(self.host, int(response.status_code))
        try:
            document: Any = response.json()
        except ValueError:
            document = {}
        said = cast("dict[str, Any]", document) if isinstance(document, dict) else dict[str, Any]()
        reason = response.headers.get("X-Error-Message") or said.get("error") or ""
        return _Reply(int(response.status_code), str(response.headers.get("X-Error-Code") or ""), self._safe(str(reason)), said)

    def _safe(self, text: str) -> str:
        """Return the hub's words on one line, short, and without the token, which some servers repeat."""
        return shortened(one_line(text.replace(self.token, "(token)") if self.token else text), _LONGEST_REASON_COLUMNS)


def _is_page(response: Any) -> bool:
    """Return whether a page for people came, which no route of the hub's API sends: a proxy's, or the sign-in of some network."""
    return str(response.headers.get("Content-Type") or "").startswith("text/html") or response.content[:64].lstrip().startswith(b"<")


@dataclass(frozen=True)
class _Reply:
    """What the hub answered."""

    status: int
    code: str
    """`X-Error-Code`, such as GatedRepo; "" where there is none."""
    reason: str
    document: Mapping[str, Any] = field(repr=False)


def hub_access(token: str | None, variables: Mapping[str, str]) -> HubAccess:
    """Given a token and the process's variables, return how the hub is asked.

    Only the environment says where the hub is: a `config.env` in some folder must not send the token elsewhere.
    """
    return HubAccess((variables.get(ENDPOINT_VARIABLE, "").strip() or ENDPOINT).rstrip("/"), token)
