"""HTTP to a worker over a unix socket: one pooled httpx client; what fails becomes one of our errors."""

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fluxctl.link.errors import TokenRefusedError, WorkerSilentError, WorkerUnreachableError, explain

if TYPE_CHECKING:
    import httpx


QUICK_SECONDS = 5.0
"""For what a worker answers at once, and between two pieces of a picture."""
STREAM_SECONDS = 25.0
"""Between two signs of life in a stream of events: the worker sends one every 15 s when it has nothing to tell."""


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for a worker, in seconds."""

    connect_seconds: float = 10.0
    answer_seconds: float = 90.0
    """For one answer."""
    silence_seconds: float = 60.0
    """A worker that gave no sign of life for this long is given up."""
    stream_seconds: float = STREAM_SECONDS
    """Between two signs of life in a stream of events; the end of the patience with a stream, not with the worker."""


def import_httpx() -> Any:
    """Return the module httpx, without its own command line, whose imports (click, rich) take longer than the rest of it."""
    if "httpx" not in sys.modules:
        command_line: Any = None
        sys.modules.setdefault("httpx._main", command_line)
    import httpx

    return httpx


def on_this_computer() -> bool:
    """Return False: nothing is in between that could break."""
    return False


class Connection:
    """Requests to one worker, each with its token.

    `way` makes sure that the socket leads to the worker, and returns whether it had to be built (or another one stands there than at
    the last call); it is called before the first request, and after everything that looks like a way that broke.
    """

    def __init__(self, socket: Path, token: str, timeouts: Timeouts, way: Callable[[], bool] = on_this_computer) -> None:
        """Given the worker's socket and bearer token, prepare a connection; nothing is sent yet."""
        self._way = way
        self._doubtful = True
        self._httpx = import_httpx()
        connect, quick = timeouts.connect_seconds, min(QUICK_SECONDS, timeouts.answer_seconds)
        self._long: httpx.Timeout = self._httpx.Timeout(timeouts.answer_seconds, connect=connect)
        self._short: httpx.Timeout = self._httpx.Timeout(quick, connect=min(QUICK_SECONDS, connect))
        self._events: httpx.Timeout = self._httpx.Timeout(quick, connect=min(QUICK_SECONDS, connect), read=timeouts.stream_seconds)
        self._token_is_sound = token != "" and token.isascii() and token.isprintable() and " " not in token
        # verify=False: nothing is encrypted on a unix socket, and reading the system's certificates costs 20 ms.
        transport = self._httpx.HTTPTransport(uds=str(socket), verify=False)
        headers = {"Authorization": f"Bearer {token}"} if self._token_is_sound else {}
        self._http: httpx.Client = self._httpx.Client(
            transport=transport, base_url="http://worker", headers=headers, timeout=self._long, trust_env=False
        )

    def request(self, method: str, path: str, body: Any = None, *, quick: bool = False) -> bytes:
        """Send a request, with `body` as JSON unless it is None, and return the answer's body; raise our error from 400 on.
        `quick`: the worker answers it at once, or something is wrong.

        Every request of the API is safe to repeat, so one that met a connection which the worker had just closed, or a way that had
        broken and could be mended, is sent again.
        """
        self._require_token()
        self._assure_way()
        timeout = self._short if quick else self._long
        closed = (self._httpx.RemoteProtocolError, self._httpx.ReadError, self._httpx.WriteError)
        with self._translated():
            try:
                response = self._http.request(method, path, json=body, timeout=timeout)
            except self._httpx.TransportError as error:
                self._doubtful = True
                if not (self._assure_way() or isinstance(error, closed)):
                    raise
                response = self._http.request(method, path, json=body, timeout=timeout)
        if response.status_code >= 400:
            raise explain(response.status_code, response.content)
        return response.content

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str], *, events: bool = False) -> Generator["httpx.Response"]:
        """Open an answer that is read piece by piece; raise our error from 400 on, and when it breaks.
        `events`: it may be long between two pieces, as far as `Timeouts.stream_seconds`."""
        self._require_token()
        self._assure_way()
        timeout = self._events if events else self._short
        with self._translated(), self._http.stream("GET", path, headers=dict(headers), timeout=timeout) as response:
            if response.status_code >= 400:
                raise explain(response.status_code, response.read())
            yield response

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    def _assure_way(self) -> bool:
        """Look after the way when there is reason to doubt it; return whether it is another one than before."""
        mended = self._way() if self._doubtful else False
        self._doubtful = False
        return mended

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except (self._httpx.LocalProtocolError, self._httpx.InvalidURL, ValueError) as error:
            # Its text may quote a header, and with it the token: neither the text nor the error itself goes on.
            raise WorkerUnreachableError(f"the worker cannot be spoken to ({type(error).__name__})", hint="fluxctl status") from None
        except self._httpx.TimeoutException as error:
            self._doubtful = True
            raise WorkerSilentError("the worker cannot be reached: it does not answer in time", hint="fluxctl status") from error
        except self._httpx.RequestError as error:
            self._doubtful = True
            why = str(error) or type(error).__name__
            raise WorkerUnreachableError(f"the worker cannot be reached: {why}", hint="fluxctl status") from error

    def _require_token(self) -> None:
        if not self._token_is_sound:
            raise TokenRefusedError("the worker's token is damaged: it holds what no header can", hint="fluxctl down, then try again")
