"""Sends requests to RunPod's REST v2 over httpx, and gives back what came of each, whatever that is."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from fluxctl.link.connection import import_httpx
from fluxctl.providers.runpod.access import Access, is_on_this_computer
from fluxctl.providers.runpod.answer import Answer, no_answer
from fluxctl.providers.runpod.hidden import Hidden
from fluxctl.providers.runpod.wire import ANSWER_SECONDS, CONNECT_SECONDS, USER_AGENT, unusable_proxy, whole, words_of

if TYPE_CHECKING:
    import httpx


class Body:
    """What a request carries; secrets may be in it, so that it shows nothing."""

    __slots__ = ("content",)

    def __init__(self, content: Any) -> None:
        self.content = content

    def __repr__(self) -> str:
        return "Body()"


class StreamBrokenError(Exception):
    """A stream that had begun well broke off."""


class RestCaller:
    """One account's way to REST v2. httpx is loaded by the first call."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._opened: httpx.Client | None = None
        self.hidden = Hidden([access.key.reveal()])

    def ask(self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Body | None = None, hidden: Hidden) -> Answer:
        """Send a request and return what came of it.

        Nothing that httpx raised goes on from here: it holds the request, and with it the key and every secret of a pod.
        """
        failed = Answer(None, hidden=hidden)
        try:
            # The content has no name here: a traceback may show the names of this frame.
            with self._client().stream(
                method, self._access.rest_url + path, params=dict(query or {}), json=None if body is None else body.content
            ) as response:
                return Answer(response.status_code, _headers(response), whole(response.iter_bytes()), hidden=hidden)
        except KeyboardInterrupt:
            interrupted = True
        except Exception as error:  # noqa: BLE001 - see above; the answer says what came of it
            interrupted, failed = False, self._failed(error, hidden)
        if interrupted:
            raise KeyboardInterrupt
        return failed

    @contextmanager
    def stream(self, path: str, query: Mapping[str, str], resume: str, read_seconds: float) -> Generator[tuple[Answer, Iterator[str]]]:
        """Open an answer that is read line by line: status and headers, and the lines, which end with the stream.

        They raise StreamBrokenError when it breaks.
        `resume` is the id of the last event that was read, "" for none; after `read_seconds` of silence the lines end.
        """
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": resume} if resume else {})}
        with ExitStack() as opened:
            try:
                asked = self._client().stream("GET", self._access.rest_url + path, params=dict(query), headers=headers)
                answer, lines = self._begun(opened.enter_context(asked), read_seconds)
            except Exception as error:  # noqa: BLE001 - it holds the key
                answer, lines = self._failed(error, self.hidden), iter(())
            yield answer, lines

    def _begun(self, response: "httpx.Response", read_seconds: float) -> tuple[Answer, Iterator[str]]:
        received = _headers(response)
        if response.status_code != 200 or not received.get("content-type", "").lower().startswith("text/event-stream"):
            return Answer(response.status_code, received, whole(response.iter_bytes()), hidden=self.hidden), iter(())
        # The beginning may take its time; between two lines it is the silence that tells.
        response.request.extensions["timeout"]["read"] = read_seconds
        # What has begun well is told as 204: its body is in the lines, and not to be judged as JSON.
        return Answer(204, received, hidden=self.hidden), _lines(response)

    def _failed(self, error: BaseException, hidden: Hidden) -> Answer:
        """Return why no answer came."""
        if self._opened is None:
            return no_answer(unusable_proxy(error), sent=False, hidden=hidden)
        sent = not _never_connected(error)
        return no_answer(words_of(error, connected=sent), sent=sent, hidden=hidden)

    def close(self) -> None:
        """Close what is open."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _client(self) -> "httpx.Client":
        client = self._opened or self._made()
        self._opened = client
        return client

    def _made(self) -> "httpx.Client":
        httpx = import_httpx()
        return httpx.Client(
            headers={"Authorization": f"Bearer {self._access.key.reveal()}", "User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            trust_env=not is_on_this_computer(self._access.rest_url),  # proxies lead away from here
            # A connection that the other side has just closed would leave the outcome of an order open.
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
        )


def _headers(response: "httpx.Response") -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _lines(response: "httpx.Response") -> Iterator[str]:
    """Yield lines until the stream ends or falls silent; raise StreamBrokenError when it breaks."""
    httpx = import_httpx()
    try:
        yield from response.iter_lines()
        return
    except httpx.HTTPError as error:
        broken = not isinstance(error, httpx.ReadTimeout)
    if broken:
        raise StreamBrokenError


def _never_connected(error: BaseException) -> bool:
    """Return whether no connection came about: then nothing can have been done."""
    httpx = import_httpx()
    kinds = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol, httpx.InvalidURL)
    return isinstance(error, kinds)
