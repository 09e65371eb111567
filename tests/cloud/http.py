"""Answers HTTP: looks at the key, takes the fault that was laid down, lets either API do what was asked, and notes it."""

import contextlib
import json
import socket
import struct
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.cloud import graphql_api, rest_api
from tests.cloud.answer import GRAPHQL, REST, Answer, Asked, Planned, problem
from tests.cloud.calls import Call
from tests.cloud.faults import DROPS, LATE, Fault

if TYPE_CHECKING:
    from tests.cloud.cloud_server import CloudServer

BLOCKED_AGENT = "Python-urllib"


class Handler(BaseHTTPRequestHandler):
    cloud: "CloudServer"
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one segment an answer: TCP would hold a second one back for 40 ms
    server_version = "cloud"
    sys_version = ""

    def serve(self) -> None:
        """Answer one request, whatever its method."""
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers["Content-Length"] or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path.rstrip("/"), dict(parse_qsl(parts.query, keep_blank_values=True)), headers, content)
        if headers.get("user-agent", "").startswith(BLOCKED_AGENT):
            self._send(Answer(403, b"error code: 1010", {"Content-Type": "text/plain"}))
            return
        via = GRAPHQL if asked.path == "/graphql" else REST
        if via == REST and not asked.path.startswith("/v2/"):
            retired = asked.path.startswith("/v1")
            self._send(problem(410, "This API has been retired") if retired else problem(404, "resource not found"))
            return
        self._answer(asked, via)

    do_GET = do_POST = do_DELETE = do_PATCH = do_PUT = serve

    def _answer(self, asked: Asked, via: str) -> None:
        market = self.cloud.market
        with market.lock:
            market.settle()
            key = market.keys.get(asked.token)
            if key is None:
                self._send(_unauthorized(via, asked.token))
                return
            too_often = self.cloud.limit.refusal(key.value, via, self.cloud.now(), self.cloud.calls_a_minute)
            if too_often is not None:
                self._note(asked, via, frozenset(), too_often.status)
                self._send(too_often)
                return
            planned = graphql_api.plan(market, key, asked) if via == GRAPHQL else rest_api.plan(market, key, asked)
            if isinstance(planned, Answer):
                self._note(asked, via, frozenset(), planned.status)
                self._send(planned)
                return
            fault = self.cloud.faults.take(planned, via)
            try:
                answer = self._done(planned, via, fault)
            except Exception as error:
                self.cloud.bugs.append(error)
                raise
            self._note(asked, via, planned.operations, answer.status if answer else 0, fault)
        if fault and fault.then:
            fault.then()
        if answer is None:
            self._break(fault)
        else:
            self._send(answer, cut=fault is not None and fault.what == "cut")

    def _done(self, planned: Planned, via: str, fault: Fault | None) -> Answer | None:
        """Do what was asked, or what goes wrong; None: nothing comes back."""
        if fault is None:
            return planned.run()
        if fault.what == LATE:
            self.cloud.market.late_seconds = fault.seconds
            planned.run()
            return None
        if fault.what == "cut":
            return planned.run()
        if fault.after_effect:
            planned.run()
        return None if fault.what in DROPS else fault.answer(planned, via)

    def _note(self, asked: Asked, via: str, operations: frozenset[str], status: int, fault: Fault | None = None) -> None:
        text = asked.body.decode(errors="replace")
        if via == GRAPHQL:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                text = json.loads(text)["query"]
        agent = asked.headers.get("user-agent", "")
        self.cloud.calls.append(Call(via, operations, asked.method, asked.path, status, agent, fault.what if fault else "", text))

    def _break(self, fault: Fault | None) -> None:
        self.close_connection = True
        if fault is not None and fault.what == "timeout" and fault.seconds:
            self.cloud.market.closed.wait(fault.seconds)
        if fault is not None and fault.what == "reset":
            # Unread or unsent, all is thrown away: the other side sees a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _send(self, answer: Answer, *, cut: bool = False) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.stream is not None:
            self._stream(answer)
            return
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or cut

    def _stream(self, answer: Answer) -> None:
        self.close_connection = True
        self.send_header("Connection", "close")
        self.end_headers()
        assert answer.stream is not None
        for piece in answer.stream():
            self.wfile.write(piece)
            self.wfile.flush()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the platform's time, for the `Date` header."""
        return super().date_time_string(self.cloud.now() + self.cloud.date_error_seconds if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: requests bear secrets."""


def _unauthorized(via: str, token: str) -> Answer:
    if via == GRAPHQL:
        return graphql_api.errors(401, "Unauthorized", "UNAUTHENTICATED")
    return problem(401, "invalid bearer token" if token else "missing bearer token")
