"""One HTTP request to RunPod, bounded in time whatever the other side or the name service does; redirects are not followed."""

import http.client
import json
import math
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

LARGEST_ANSWER_BYTES = 1_000_000
USER_AGENT = "fluxpod/1"
"""Cloudflare refuses Python's own (error 1010)."""


class NoAnswerError(Exception):
    """The other side could not be reached, or gave no whole answer in time; the text says why."""


@dataclass(frozen=True)
class Reply:
    """What came back; `body` is what its JSON says, None where it is none."""

    status: int
    body: Any
    retry_after_seconds: float = 0.0


@dataclass(frozen=True)
class Http:
    """Sends requests with one key, which appears in no text that leaves this class."""

    key: str = field(repr=False)
    timeout_seconds: float = 15.0

    def request(self, method: str, url: str, body: Any = None, most_seconds: float = math.inf) -> Reply:
        """Given a request, return the reply, whatever its status; raise NoAnswerError, at the latest after `most_seconds`."""
        patience = min(self.timeout_seconds, max(most_seconds, 0.0))
        answers: list[Reply | Exception] = []
        connections: list[http.client.HTTPConnection] = []

        def ask() -> None:
            try:
                answers.append(self._ask(method, url, body, connections.append))
            except Exception as error:  # noqa: BLE001 - it is told to the one who waits
                answers.append(error)

        # A thread, for neither a name that is looked up nor an answer that drips keeps to a socket's timeout.
        asking = threading.Thread(target=ask, daemon=True, name="runpod")
        asking.start()
        asking.join(patience)
        if not answers:
            for connection in connections:
                with suppress(Exception):
                    connection.close()
            raise NoAnswerError(f"no answer within {patience:.2g} s")
        answer = answers[0]
        if isinstance(answer, Exception):
            # The words of other errors may hold the request, and the key in it.
            words = f": {answer}" if isinstance(answer, OSError) else ""
            raise NoAnswerError(self.without_key(f"{type(answer).__name__}{words}")) from None
        return answer

    def without_key(self, text: str) -> str:
        """Return a text in which the key is not to be read."""
        return text.replace(self.key, "[key]") if self.key else text

    def _ask(self, method: str, url: str, body: Any, opened: Callable[[http.client.HTTPConnection], None]) -> Reply:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self.timeout_seconds)
        opened(connection)
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, content, self._headers(content))
            response = connection.getresponse()
            return Reply(response.status, _json(response.read(LARGEST_ANSWER_BYTES)), _retry_after(response.headers.get("Retry-After", "")))
        finally:
            connection.close()

    def _headers(self, content: bytes | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.key}", "User-Agent": USER_AGENT, "Accept": "application/json"}
        return headers if content is None else {**headers, "Content-Type": "application/json"}


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _retry_after(said: str) -> float:
    try:
        return min(max(float(said), 0.0), 3600.0)
    except ValueError:
        return 0.0
