"""RunPod's answers on 127.0.0.1: one pod, REST v2 and GraphQL, and every fault that a test wants."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "rpa_the_pods_own_key"
POD = "abc123"
NOT_FOUND = {"title": "Not Found", "status": 404, "detail": "pod not found"}
REST, GRAPHQL = "rest", "graphql"
Fault = Callable[["Handler"], None]


def status(code: int, body: Any = None, **headers: str) -> Fault:
    """A fault that answers so."""
    return lambda handler: handler.answer(code, body, headers)


def page(code: int) -> Fault:
    """A fault that answers with a proxy's page."""
    return lambda handler: handler.answer_bytes(code, b"<html><body>error code: 1010</body></html>", {"Content-Type": "text/html"})


def hang(handler: "Handler") -> None:
    """A fault that never answers."""
    time.sleep(30)


def drip(handler: "Handler") -> None:
    """A fault whose answer never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(300):
        handler.wfile.write(f"X-{number}: y\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.1)


@dataclass
class RunPodServer:
    """What the pod's state is, which faults are to come, and what was asked."""

    state: str = "RUNNING"
    """RUNNING, EXITED; empty: the pod is gone."""
    faults: dict[str, list[Fault]] = field(default_factory=dict[str, list[Fault]])
    """For `rest` and `graphql`, one for each request; afterwards it answers as it should."""
    always: dict[str, Fault] = field(default_factory=dict[str, Fault])
    takes_effect_after: int = 0
    """So many looks still see the pod as it was."""
    ignored: frozenset[str] = frozenset()
    """Methods of REST that are accepted and do nothing; `graphql`: mutations."""
    asked: list[str] = field(default_factory=list[str])
    agents: list[str] = field(default_factory=list[str])
    url: str = ""
    pod_id: str = POD

    def end(self, action: str) -> None:
        """Take note of an end."""
        self.state = "" if action == "terminate" else "EXITED"

    def variables(self) -> dict[str, str]:
        """Return what a pod's environment says about this server."""
        return {
            "RUNPOD_POD_ID": self.pod_id,
            "RUNPOD_API_KEY": KEY,
            "RUNPOD_REST_BASE_URL": f"{self.url}/v2",
            "RUNPOD_API_BASE_URL": self.url,
        }


class Handler(BaseHTTPRequestHandler):
    """REST v2 and GraphQL of one pod."""

    said: RunPodServer

    def do_GET(self) -> None:
        self._serve(REST, "GET", None)

    def do_DELETE(self) -> None:
        self._serve(REST, "DELETE", None)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)))
        self._serve(GRAPHQL if self.path == "/graphql" else REST, "POST", body)

    def _serve(self, kind: str, method: str, body: Any) -> None:
        said = self.said
        said.asked.append(f"{method} {self.path} {json.dumps(body) if body else ''}".strip())
        said.agents.append(self.headers["User-Agent"] or "")
        if waiting := said.faults.get(kind):
            waiting.pop(0)(self)
        elif kind in said.always:
            said.always[kind](self)
        elif self.headers["Authorization"] != f"Bearer {KEY}":
            self.answer(401, {"title": "Unauthorized", "status": 401})
        elif kind == GRAPHQL:
            self._graphql(str(body["query"]))
        else:
            self._rest(method, body)

    def _rest(self, method: str, body: Any) -> None:
        said = self.said
        if not self.path.startswith(f"/v2/pods/{said.pod_id}"):
            self.answer(404, {"title": "Not Found", "detail": "no such route"})
        elif not said.state:
            self._seen_late(404, NOT_FOUND)
        elif method == "GET":
            self._seen_late(200, {"id": said.pod_id, "status": said.state})
        elif method in said.ignored:
            self.answer(200, {"id": said.pod_id, "status": said.state})
        else:
            said.end("terminate" if method == "DELETE" else body["action"])
            self.answer(204)

    def _seen_late(self, code: int, body: Any) -> None:
        if self.said.state != "RUNNING" and self.said.takes_effect_after > 0:
            self.said.takes_effect_after -= 1
            self.answer(200, {"id": self.said.pod_id, "status": "RUNNING"})
            return
        self.answer(code, body)

    def _graphql(self, query: str) -> None:
        said = self.said
        if json.dumps(said.pod_id) not in query:
            self.answer(200, {"errors": [{"message": "pod not found to terminate"}], "data": None})
        elif query.startswith("query"):
            self.answer(200, {"data": {"pod": {"id": said.pod_id, "desiredStatus": said.state} if said.state else None}})
        elif not said.state:
            self.answer(200, {"errors": [{"message": "pod not found to terminate", "extensions": {"code": "POD_NOT_FOUND"}}], "data": None})
        else:
            action = "terminate" if "podTerminate" in query else "stop"
            if GRAPHQL not in said.ignored:
                said.end(action)
            answer = None if action == "terminate" else {"id": said.pod_id, "desiredStatus": "EXITED"}
            self.answer(200, {"data": {f"pod{action.capitalize()}": answer}})

    def answer(self, code: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        """Answer with JSON."""
        self.answer_bytes(code, b"" if body is None else json.dumps(body).encode(), headers or {})

    def answer_bytes(self, code: int, content: bytes, headers: dict[str, str]) -> None:
        """Answer with anything."""
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody gave up waiting: that is the test."""


@contextmanager
def runpod_server(**how: Any) -> Iterator[RunPodServer]:
    """Yield a server that plays RunPod for one pod."""
    said = RunPodServer(**how)
    server = _Quiet(("127.0.0.1", 0), type("Bound", (Handler,), {"said": said}))
    said.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield said
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
