"""A Hugging Face hub on 127.0.0.1, as far as `init` and `doctor` ask it: whose token it is, and what it may download."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKEN = "hf_" + "a" * 34


@dataclass(frozen=True)
class Reply:
    """What is answered in place of everything else."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    hang: bool = False


class Hub:
    """One hub. `tokens`: token → the gated models whose licence its owner accepted."""

    def __init__(self) -> None:
        self.tokens: dict[str, set[str]] = {TOKEN: {"black-forest-labs/FLUX.1-dev"}}
        self.gated = {"black-forest-labs/FLUX.1-dev", "black-forest-labs/FLUX.1-schnell"}
        self.instead: Reply | None = None
        self.requests: list[tuple[str, str]] = []
        """Path and Authorization header."""
        self.released = threading.Event()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                given = self.headers.get("Authorization", "")
                hub.requests.append((self.path, given))
                reply = hub.instead or hub.answer(self.path, given.removeprefix("Bearer "))
                if reply.hang:
                    hub.released.wait(30)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: Any) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, token: str) -> Reply:
        """Answer as the hub does: the reason stands in headers."""
        if token and token not in self.tokens:
            return _error(401, "", "Invalid username or password.")
        if path == "/api/whoami-v2":
            return (
                Reply(200, json.dumps({"type": "user", "name": "ada"}).encode())
                if token
                else _error(401, "", "Invalid username or password.")
            )
        model = path.removeprefix("/api/models/").removesuffix("/auth-check")
        if not path.endswith("/auth-check") or model not in self.gated:
            return _error(401 if not token else 404, "RepoNotFound", "Repository not found")
        if model in self.tokens.get(token, ()):
            return Reply(200)
        if not token:
            return _error(401, "GatedRepo", f"Access to model {model} is restricted. You must have access to it and be authenticated.")
        return _error(403, "GatedRepo", f"Access to model {model} is restricted and you are not in the authorized list.")


def _error(status: int, code: str, message: str) -> Reply:
    headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
    return Reply(status, json.dumps({"error": message}).encode(), headers)
