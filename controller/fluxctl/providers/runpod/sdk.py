"""Sends GraphQL documents through RunPod's SDK, and keeps the HTTP answer of each, which the SDK drops."""

import logging
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from fluxctl.providers.runpod.access import Access
from fluxctl.providers.runpod.answer import LARGEST_ANSWER_BYTES, Answer, no_answer
from fluxctl.providers.runpod.documents import Document
from fluxctl.providers.runpod.hidden import Hidden

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
USER_AGENT = "fluxctl/0.1"
"""Ours on both APIs. The SDK's own tells what other programs run here."""
_PIECE_BYTES = 65536


@dataclass
class Recording:
    """One call as it really goes over the network: where to, and what came back. The SDK reads status and JSON from it."""

    url: str
    hidden: Hidden
    answer: Answer | None = None
    failure: str = "the SDK sent nothing"
    sent: bool = False

    def post(self, requests: Any, headers: Mapping[str, str], data: str) -> "Reply":
        """Send what the SDK made, and keep what came."""
        own = {**headers, "User-Agent": USER_AGENT, "Accept": "application/json"}
        with requests.Session() as session:
            # auth=: without it, requests puts a login of ~/.netrc in the place of the key
            reply = session.post(
                self.url,
                headers=own,
                data=data.encode(),
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                stream=True,
                auth=_with_the_key_it_has,
            )
            received = {name.lower(): value for name, value in reply.headers.items()}
            self.answer = Answer(reply.status_code, received, _whole(reply), hidden=self.hidden)
        return Reply(self.answer)


@dataclass(frozen=True)
class Reply:
    """As much of an answer as the SDK reads."""

    answer: Answer = field(repr=False)

    @property
    def status_code(self) -> int:
        """Return the HTTP status."""
        return self.answer.status or 0

    def json(self) -> Any:
        """Return the body's JSON; raise ValueError when it has none."""
        document = self.answer.document
        if document is None:
            raise ValueError("no JSON")
        return document


_recording: ContextVar[Recording | None] = ContextVar("runpod_recording", default=None)


class RecordedRequests:
    """Stands where the SDK's module looks for `requests`."""

    def __init__(self, requests: Any) -> None:
        self._requests = requests

    def post(self, url: str, *, headers: Mapping[str, str], data: str, timeout: float) -> Any:
        """Send a request as `requests` would, to the place that the environment names, and record it."""
        recording = _recording.get()
        if recording is None:  # somebody else in this process uses the SDK
            return self._requests.post(url, headers=headers, data=data, timeout=timeout)
        return recording.post(self._requests, headers, data)


def import_sdk() -> Any:
    """Return the SDK's module that sends GraphQL, with our recorder in it. It takes a second: only what really asks does this."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    module = import_module("runpod.api.graphql")
    # Importing it makes every library of this process log to stderr; only the sink speaks there.
    root.handlers[:], root.level = handlers, level
    if not isinstance(module.requests, RecordedRequests):
        module.requests = RecordedRequests(module.requests)  # pyright: ignore[reportAttributeAccessIssue]
    return module


def ask(access: Access, document: Document, hidden: Hidden) -> Answer:
    """Given a document, send it and return what came of it, whatever that is.

    Nothing that the SDK or `requests` raised goes on from here: it holds the document, and with it every secret of a pod.
    """
    recording = Recording(access.graphql_url, hidden)
    if _interrupted(access, document, recording):
        raise KeyboardInterrupt
    return recording.answer or no_answer(recording.failure, sent=recording.sent, hidden=hidden)


def _interrupted(access: Access, document: Document, recording: Recording) -> bool:
    """Run the SDK's call; return whether Ctrl-C ended it."""
    token = _recording.set(recording)
    loaded = False
    try:
        run = import_sdk().run_graphql_query
        loaded = True
        run(document.text, api_key=access.key.reveal())
    except KeyboardInterrupt:
        return True
    except Exception as error:  # noqa: BLE001 - whatever it is, it may hold the document; the recording says what came
        recording.failure = (
            _words(error) if loaded else f"its SDK cannot be loaded ({type(error).__name__}); is ~/.runpod/config.toml sound?"
        )
        recording.sent = loaded and not _never_connected(error)
    finally:
        _recording.reset(token)
    return False


def _with_the_key_it_has(request: Any) -> Any:
    return request


def _whole(reply: Any) -> bytes:
    """Return a body, as far as it comes in time and is no larger than any answer; raise OSError otherwise."""
    latest, body = time.monotonic() + ANSWER_SECONDS, bytearray()
    for piece in reply.iter_content(_PIECE_BYTES):
        body += piece
        if time.monotonic() > latest:
            raise TimeoutError("the answer did not end in time")
        if len(body) > LARGEST_ANSWER_BYTES:
            raise OSError("the answer does not end")
    return bytes(body)


def _never_connected(error: BaseException) -> bool:
    """Return whether no connection came about: then nothing can have been done."""
    if not type(error).__module__.startswith("requests"):
        return False
    requests, urllib3 = import_module("requests.exceptions"), import_module("urllib3.exceptions")
    if isinstance(error, requests.ConnectTimeout | requests.ProxyError | requests.SSLError | requests.InvalidURL | requests.InvalidSchema):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.NewConnectionError | urllib3.ConnectTimeoutError)


def _words(error: BaseException) -> str:
    """Return what went wrong in words of our own: those of the error may hold the request."""
    name = type(error).__name__
    if "Timeout" in name:
        return f"no answer within {ANSWER_SECONDS:.0f} s" if "Connect" not in name else f"no connection within {CONNECT_SECONDS:.0f} s"
    return "no connection" if _never_connected(error) else f"the connection broke ({name})"
