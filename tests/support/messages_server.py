"""A server on this machine that speaks Anthropic's Messages API, as far as fluxctl hears of it, and fails on command."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-ant-test-0123456789"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; `hang`: none comes until the server ends; `drip_seconds`: between single bytes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    hang: bool = False
    drip_seconds: float = 0.0


def message(text: str, stop_reason: str = "end_turn") -> Answer:
    """A whole answer of Claude: a thinking block, as newer models send it first, and a text."""
    content: list[dict[str, Any]] = [{"type": "thinking", "thinking": "", "signature": "c2ln"}]
    if text:
        content.append({"type": "text", "text": text})
    usage = {"input_tokens": 300, "output_tokens": 60}
    body = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "content": content}
    return Answer(body=json.dumps({**body, "stop_reason": stop_reason, "stop_sequence": None, "usage": usage}).encode())


def better(prompt: str) -> Answer:
    """The rewritten prompt in the form that was asked for."""
    return message(json.dumps({"prompt": prompt}))


def problem(status: int, kind: str, text: str, **headers: str) -> Answer:
    """An error as Anthropic sends it."""
    body = {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_1"}
    return Answer(status, json.dumps(body).encode(), {name.replace("_", "-"): value for name, value in headers.items()})


def echo(prompt: str) -> Answer:
    """What a good rewriter would say: everything typed, and more."""
    return better(f"{prompt}, soft morning light, 50 mm lens")


Script = Callable[[str], Answer]
"""Prompt → answer."""


def send(handler: BaseHTTPRequestHandler, answer: Answer, released: threading.Event) -> None:
    """Send an answer, as slowly as it wants."""
    if answer.hang:
        released.wait(30)
        handler.close_connection = True
        return
    handler.send_response(answer.status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(answer.body)), **answer.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    if not answer.drip_seconds:
        handler.wfile.write(answer.body)
        return
    for byte in answer.body:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        if released.wait(answer.drip_seconds):
            return


class MessagesServer:
    """What it was asked, and what it answers: the queued answers first, then the script's."""

    def __init__(self) -> None:
        self.script: Script = echo
        self.queued: list[Answer] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.looks: list[str] = []
        """Paths of what was only asked about."""
        self.released = threading.Event()
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                send(self, server.describe(self.path, dict(self.headers)), server.released)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = server.take(self.path, body, dict(self.headers))
                try:
                    send(self, answer, server.released)
                except ConnectionError:
                    self.close_connection = True
                finally:
                    server.finished()

            def log_message(self, format: str, *args: Any) -> None:
                """Stay silent."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def prompts(self) -> list[str]:
        """What was to be rewritten, in the order of arrival."""
        return [json.loads(request["messages"][0]["content"])["prompt"] for request in self.requests]

    @property
    def variables(self) -> dict[str, str]:
        """What a person exports to be served from here."""
        return {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": self.url}

    def take(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        """Note a request, and return its answer."""
        with self._lock:
            assert path == "/v1/messages"
            self.requests.append(body)
            self.headers.append(headers)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            if self.queued:
                return self.queued.pop(0)
            prompt = json.loads(body["messages"][0]["content"])["prompt"]
        return self.script(prompt)

    def describe(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer what is asked about a model, which costs nothing."""
        self.looks.append(path)
        if self.queued:
            return self.queued.pop(0)
        given = headers.get("Authorization", "").removeprefix("Bearer ") or headers.get("X-Api-Key", "")
        if given != KEY:
            return problem(401, "authentication_error", f"invalid x-api-key {given}")
        name = path.removeprefix("/v1/models/")
        if not name.startswith("claude-haiku-5"):
            return problem(404, "not_found_error", f"model: {name}")
        about = {"type": "model", "id": name, "display_name": "Claude Haiku 5.5", "created_at": "2026-10-07T00:00:00Z"}
        return Answer(body=json.dumps(about).encode())

    def finished(self) -> None:
        """Note that a request was answered."""
        with self._lock:
            self._now -= 1

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Let go of what hangs, and end."""
        self.released.set()
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def messages_server() -> Iterator[MessagesServer]:
    """Serve on a free port of this machine."""
    server = MessagesServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
