"""Asks a registry for an image over Docker's Registry HTTP API v2: without a login first, then with the one that Docker has."""

import base64
import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from fluxctl.images import trouble
from fluxctl.images.manifest import ACCEPTED, PLATFORM, RemoteImage, digest_of, entries, image_of, is_index, platforms, under
from fluxctl.images.reference import Reference
from fluxctl.link.connection import import_httpx

if TYPE_CHECKING:
    import httpx

LONGEST_DOCUMENT_BYTES = 8_000_000
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class NotShownError(Exception):
    """The registry does not show this to who asked."""


@dataclass(frozen=True)
class Login:
    """A name and a password for a registry."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Return the name alone."""
        return f"Login({self.user})"


@dataclass
class Registry:
    """One registry, asked for one image by one person (`login`), or by nobody in particular."""

    reference: Reference
    login: Login | None
    timeout_seconds: float
    _authorization: str = ""

    def image(self) -> RemoteImage:
        """Return the image for rented GPUs; raise NotShownError where it is not shown, ProviderError for anything else."""
        httpx = import_httpx()
        with self._told(), httpx.Client(timeout=self.timeout_seconds, follow_redirects=True) as client:
            content = self._get(client, f"manifests/{self.reference.version}", ACCEPTED)
            digest, document = digest_of(content), self._document(content)
            if self.reference.digest and digest != self.reference.digest:
                raise trouble.broken(self.reference, "what it sends is not what the digest stands for")
            if is_index(document):
                there = platforms(document)
                if PLATFORM not in there:
                    raise trouble.wrong_platform(self.reference, ", ".join(there) or "nothing")
                document = self._checked(client, f"manifests/{there[PLATFORM]}", there[PLATFORM])
            if not entries(under(document, "layers")):
                raise trouble.broken(self.reference, "its manifest names no layers")
            configuration = str(under(document, "config", "digest"))
            image = image_of(digest, document, self._checked(client, f"blobs/{configuration}", configuration))
        if image.platform != PLATFORM:
            raise trouble.wrong_platform(self.reference, image.platform)
        return image

    def _checked(self, client: "httpx.Client", path: str, digest: str) -> object:
        """Return a document whose digest is known."""
        content = self._get(client, path, ACCEPTED if path.startswith("manifests/") else "*/*")
        if digest_of(content) != digest:
            raise trouble.broken(self.reference, f"what it sends for {digest[:19]}… is something else")
        return self._document(content)

    def _get(self, client: "httpx.Client", path: str, accept: str) -> bytes:
        """Return what lies at a path of the repository; log in when the registry asks for it."""
        url = f"{self.reference.base_url}/v2/{self.reference.repository}/{path}"
        response = client.get(url, headers=self._headers(accept))
        if response.status_code == 401 and not self._authorization:
            self._log_in(client, response.headers.get("WWW-Authenticate", ""))
            response = client.get(url, headers=self._headers(accept))
        self._require(response)
        return response.content

    def _headers(self, accept: str) -> dict[str, str]:
        return {"Accept": accept} | ({"Authorization": self._authorization} if self._authorization else {})

    def _log_in(self, client: "httpx.Client", challenge: str) -> None:
        """Do what the registry asks for: fetch a token, with the login if there is one; raise NotShownError when it is refused."""
        kind, said = challenge.partition(" ")[0].lower(), dict(_CHALLENGE.findall(challenge))
        auth = (self.login.user, self.login.password) if self.login else None
        if kind == "basic" and auth is not None:
            self._authorization = _basic(auth)
            return
        realm = said.get("realm", "")
        if kind != "bearer" or not realm.startswith(("https://", f"{self.reference.base_url}/")):
            raise NotShownError
        query = {"scope": said.get("scope") or f"repository:{self.reference.repository}:pull"}
        query |= {"service": said["service"]} if said.get("service") else {}
        response = client.get(realm, params=query, headers={"Authorization": _basic(auth)} if auth else {})
        if response.status_code in (400, 401, 403, 404):
            raise NotShownError
        self._require(response)
        answer = self._document(response.content)
        token = under(answer, "token") or under(answer, "access_token")
        if not isinstance(token, str) or not token.isprintable() or not token.isascii():
            raise trouble.broken(self.reference, "it hands out no token")
        self._authorization = f"Bearer {token}"

    def _require(self, response: "httpx.Response") -> None:
        """Raise what a status means."""
        status = response.status_code
        if status in (401, 403):
            raise NotShownError
        if status == 404:
            raise trouble.missing(self.reference, _words(response.content))
        if status == 429:
            raise trouble.too_many(self.reference, response.headers.get("Retry-After", ""))
        if status >= 400:
            raise trouble.broken(self.reference, f"it answers {status} {_words(response.content)}".strip())
        if len(response.content) > LONGEST_DOCUMENT_BYTES:
            raise trouble.broken(self.reference, "its answer is far too long")

    def _document(self, content: bytes) -> Mapping[str, Any]:
        try:
            found: Any = json.loads(content)
        except ValueError as error:
            raise trouble.broken(self.reference, "it does not speak the registry's language (no JSON)") from error
        if not isinstance(found, dict):
            raise trouble.broken(self.reference, "its answer makes no sense")
        return cast("dict[str, Any]", found)

    @contextmanager
    def _told(self) -> Generator[None]:
        httpx = import_httpx()
        try:
            yield
        except httpx.TimeoutException as error:
            raise trouble.unreachable(self.reference, f"it does not answer within {self.timeout_seconds:g} s") from error
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise trouble.unreachable(self.reference, str(error) or type(error).__name__) from error


def _basic(auth: tuple[str, str]) -> str:
    return f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"


def _words(content: bytes) -> str:
    """Return what a registry gives as the reason, "" where it gives none that can be read."""
    try:
        errors = entries(under(json.loads(content), "errors"))
    except ValueError:
        return ""
    return " ".join(str(under(errors[0], "message") or under(errors[0], "code") or "").split())[:200] if errors else ""
