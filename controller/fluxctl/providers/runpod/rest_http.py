"""Sends requests to RunPod's REST v2 over httpx, and gives back what came of each, whatever that is."""

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fluxctl.link.connection import import_httpx
from fluxctl.providers.runpod.access import Access
from fluxctl.providers.runpod.answer import LARGEST_ANSWER_BYTES, Answer, no_answer
from fluxctl.providers.runpod.hidden import Hidden
from fluxctl.providers.runpod.sdk import ANSWER_SECONDS, CONNECT_SECONDS, USER_AGENT

if TYPE_CHECKING:
    import httpx


class Body:
    """What a request carries; secrets may be in it, so that it shows nothing."""

    __slots__ = ("content",)

    def __init__(self, content: Any) -> None:
        self.content = content

    def __repr__(self) -> str:
        return "Body()"


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
                return Answer(response.status_code, _headers(response), _whole(response), hidden=hidden)
        except KeyboardInterrupt:
            interrupted = True
        except Exception as error:  # noqa: BLE001 - see above; the answer says what came of it
            interrupted, failed = False, no_answer(_words(error), sent=not _never_connected(error), hidden=hidden)
        if interrupted:
            raise KeyboardInterrupt
        return failed

    @contextmanager
    def stream(self, path: str, query: Mapping[str, str], resume: str, read_seconds: float) -> Generator[tuple[Answer, Iterator[str]]]:
        """Open an answer that is read line by line: status and headers, and the lines, which end when the stream does or breaks.

        `resume` is the id of the last event that was read, "" for none; after `read_seconds` of silence the lines end.
        """
        httpx = import_httpx()
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": resume} if resume else {})}
        url, broken, opened = self._access.rest_url + path, None, False
        try:
            with self._client().stream("GET", url, params=dict(query), headers=headers) as response:
                received = _headers(response)
                good = response.status_code == 200 and received.get("content-type", "").startswith("text/event-stream")
                # What has begun well is told as 204: its body is in the lines, and not to be judged as JSON.
                status, body = (204, b"") if good else (response.status_code, _whole(response))
                answer = Answer(status, received, body, hidden=self.hidden)
                opened = True
                # The beginning may take its time; between two lines it is the silence that tells.
                response.request.extensions["timeout"]["read"] = read_seconds
                yield answer, (_lines(response) if good else iter(()))
        except (httpx.HTTPError, OSError) as error:
            broken = no_answer(_words(error), sent=not _never_connected(error), hidden=self.hidden)
        if broken is not None and not opened:
            yield broken, iter(())

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
            # A connection that the other side has just closed would leave the outcome of an order open.
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
        )


def _headers(response: "httpx.Response") -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _whole(response: "httpx.Response") -> bytes:
    """Return a body, as far as it comes in time and is no larger than any answer; raise OSError otherwise."""
    latest, body = time.monotonic() + ANSWER_SECONDS, bytearray()
    for piece in response.iter_bytes():
        body += piece
        if time.monotonic() > latest:
            raise TimeoutError("the answer did not end in time")
        if len(body) > LARGEST_ANSWER_BYTES:
            raise OSError("the answer does not end")
    return bytes(body)


def _lines(response: "httpx.Response") -> Iterator[str]:
    """Yield lines until the stream ends, breaks or falls silent."""
    try:
        yield from response.iter_lines()
    except import_httpx().HTTPError:
        return


def _never_connected(error: BaseException) -> bool:
    """Return whether no connection came about: then nothing can have been done."""
    httpx = import_httpx()
    kinds = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol, httpx.InvalidURL)
    return isinstance(error, kinds)


def _words(error: BaseException) -> str:
    """Return what went wrong in words of our own: those of the error may hold the request."""
    name = type(error).__name__
    if "Timeout" in name:
        return f"no connection within {CONNECT_SECONDS:.0f} s" if "Connect" in name else f"no answer within {ANSWER_SECONDS:.0f} s"
    return "no connection" if _never_connected(error) else f"the connection broke ({name})"
