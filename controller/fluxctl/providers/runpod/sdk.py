"""Sends GraphQL documents through RunPod's SDK, and keeps the HTTP answer of each, which the SDK drops."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from fluxctl.providers.runpod.access import Access, is_on_this_computer
from fluxctl.providers.runpod.answer import Answer, no_answer
from fluxctl.providers.runpod.documents import Document
from fluxctl.providers.runpod.hidden import Hidden
from fluxctl.providers.runpod.sdk_package import sending_module
from fluxctl.providers.runpod.wire import ANSWER_SECONDS, CONNECT_SECONDS, USER_AGENT, is_distrusted, whole, words_of

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
            session.trust_env = not is_on_this_computer(self.url)  # proxies lead away from here
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
            self.answer = Answer(reply.status_code, received, whole(reply.iter_content(_PIECE_BYTES)), hidden=self.hidden)
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
    """Return the SDK's module that sends GraphQL, with our recorder in it. Only what really asks does this."""
    module = sending_module()
    if not isinstance(module.requests, RecordedRequests):
        module.requests = RecordedRequests(module.requests)
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
        recording.sent = loaded and not _never_connected(error)
        why = words_of(error, connected=recording.sent)
        recording.failure = why if loaded else f"its SDK cannot be loaded ({type(error).__name__}); runpod.transport rest needs none"
    finally:
        _recording.reset(token)
    return False


def _with_the_key_it_has(request: Any) -> Any:
    return request


def _never_connected(error: BaseException) -> bool:
    """Return whether no connection came about: then nothing can have been done."""
    if not type(error).__module__.startswith("requests"):
        return False
    requests, urllib3 = import_module("requests.exceptions"), import_module("urllib3.exceptions")
    if isinstance(error, requests.ConnectTimeout | requests.ProxyError | requests.InvalidURL | requests.InvalidSchema):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    # Other errors of TLS come also after the request has been sent.
    return is_distrusted(error) or isinstance(reason, urllib3.NewConnectionError | urllib3.ConnectTimeoutError)
