"""Answers on the entrypoint's unix socket: its state, and the wish for a fresh worker."""

import json
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from fluxpod.pod_contract import DRAINING, RESTART_ROUTE, STATE_ROUTE, EntrypointState

_PATIENCE_SECONDS = 10


class Answers(socketserver.ThreadingUnixStreamServer):
    """One thread a request; a question never waits for the entrypoint's own work."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def __init__(self, path: Path, state: Callable[[], EntrypointState], restart_worker: Callable[[], None]) -> None:
        """Listen at `path`, for this user alone; whoever calls holds the entrypoint's lock. Raise OSError."""
        self.state = state
        self.restart_worker = restart_worker
        self._path = path
        path.unlink(missing_ok=True)
        super().__init__(str(path), _Handler)
        path.chmod(0o600)

    def begin(self) -> None:
        """Answer from now on, in a thread."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.2}, name="answers", daemon=True).start()

    def end(self) -> None:
        """Answer no more."""
        self.server_close()
        with suppress(OSError):
            self._path.unlink()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody left in the middle: nothing to say."""


class _Handler(BaseHTTPRequestHandler):
    server: Answers  # pyright: ignore[reportIncompatibleVariableOverride]
    timeout = _PATIENCE_SECONDS

    def do_GET(self) -> None:
        if self.path == STATE_ROUTE:
            self._answer(200, self.server.state().to_json())
        else:
            self._answer(404, {"code": "not_found", "message": f"there is no {self.path[:100]}"})

    def do_POST(self) -> None:
        if self.path != RESTART_ROUTE:
            self._answer(404, {"code": "not_found", "message": f"there is no {self.path[:100]}"})
        elif self.server.state().state == DRAINING:
            self._answer(409, {"code": "draining", "message": "the pod is ending"})
        else:
            self.server.restart_worker()
            self._answer(202, self.server.state().to_json())

    def log_message(self, format: str, *args: Any) -> None:
        """Keep questions out of the log."""

    def address_string(self) -> str:
        """Return nothing: a unix socket has no address."""
        return ""

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
