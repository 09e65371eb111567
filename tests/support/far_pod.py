"""A pod on "another machine": a real sshd on 127.0.0.1 in front of whatever listens on a port there, and somebody with a key to it."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

from tests.support.ssh_server import SshServer, make_key

from fluxctl.environment import Environment
from fluxctl.link.client import WorkerClient
from fluxctl.link.connection import Timeouts
from fluxctl.link.remote import RemotePod, SshAddress, connect, disconnect
from fluxctl.link.tunnel import Tunnel
from fluxpod.pod_contract import RESTART_ROUTE, RUNNING, EntrypointState

TOKEN = "a-token-for-tests"


@dataclass(frozen=True)
class LinkSettings:
    """The link's settings, as a person may set them."""

    ssh_key: str | None = None
    connect_timeout_seconds: float = 5.0
    ssh_alive_seconds: int = 1
    ssh_keep_seconds: int = 60


@dataclass
class FarPod:
    """A pod, and the person who reaches it."""

    home: Path
    """A short folder of the test's own."""
    server: SshServer
    worker_port: int
    pod_id: str = "pod-1"
    settings: LinkSettings = field(default_factory=LinkSettings)
    token: str = field(default=TOKEN, repr=False)
    asked: int = 0
    """How often the address was asked for."""
    clients: list[WorkerClient] = field(default_factory=list[WorkerClient])

    def __post_init__(self) -> None:
        """Make the person's folders and key, and let it in."""
        for folder in (self.home / "run", self.user, self.user / ".ssh"):
            folder.mkdir(mode=0o700, exist_ok=True)
        self.key = self.user / ".ssh" / "id_ed25519"
        if not self.key.exists():
            self.server.let_in(make_key(self.key))

    @property
    def user(self) -> Path:
        """The person's own folder."""
        return self.home / "user"

    @property
    def variables(self) -> dict[str, str]:
        """What they export."""
        kept = {name: value for name, value in os.environ.items() if name != "SSH_AUTH_SOCK"}
        mine = {"HOME": str(self.user), "FLUXCTL_HOME": str(self.home / "fluxctl"), "XDG_RUNTIME_DIR": str(self.home / "run")}
        return {**kept, **mine}

    @property
    def environment(self) -> Environment:
        """The world as fluxctl sees it."""
        return Environment(variables=self.variables)

    def address(self) -> SshAddress:
        """Return where the server listens by now."""
        self.asked += 1
        return SshAddress("127.0.0.1", self.server.port, self.server.user)

    def remote(self, **changes: Any) -> RemotePod:
        """Return what the link is told; `changes` are its fields."""
        plain = RemotePod(
            pod_id=self.pod_id,
            worker_token=self.token,
            worker_port=self.worker_port,
            host_key=self.server.host_key,
            address=self.address,
            is_alive=lambda: True,
            entrypoint_socket=str(self.home / "entry.sock"),
            synced_code=str(self.home / "synced"),
        )
        return replace(plain, **changes)

    def tunnel(self, **changes: Any) -> Tunnel:
        """Return the way to the pod."""
        return Tunnel(self.environment, self.remote(**changes), self.settings)

    def client(self, **changes: Any) -> WorkerClient:
        """Return a client over it."""
        self.clients.append(connect(self.environment, self.remote(**changes), self.settings, Timeouts(5, 5, 20)))
        return self.clients[-1]

    def master(self) -> int:
        """Return the process id of the living master."""
        found = self.tunnel()._master()
        assert found is not None, "no master lives"
        return found

    def close(self) -> None:
        """End the connection and its clients."""
        for client in self.clients:
            client.close()
        disconnect(self.environment, self.pod_id)


@dataclass
class Played:
    """A worker and an entrypoint that only answer."""

    token: str = TOKEN
    source_hash: str = "x"
    next_source_hash: str = ""
    """What the worker says after it was restarted."""
    busy: bool = False
    restarts: int = 0
    heard: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def answer(self, method: str, path: str, token: str | None) -> tuple[int, Any]:
        """Return status and body for a request."""
        self.heard.append((method, path))
        if path == "/v1/state":
            return 200, EntrypointState(RUNNING, log=("a line",)).to_json()
        if path == RESTART_ROUTE:
            self.restarts += 1
            self.source_hash = self.next_source_hash or self.source_hash
            return 200, {}
        if token != f"Bearer {self.token}":
            return 401, {"code": "unauthorized", "message": "wrong token"}
        if path == "/v1/idle":
            return 200, {"phase": "ready", "activity_seen": 1, "busy": self.busy, "progress": 1}
        return 200, {
            "phase": "ready",
            "seconds_in_phase": 1.0,
            "version": "1",
            "source_hash": self.source_hash,
            "features": [],
            "pod_id": "pod-1",
        }


class _UnixServer(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def played(script: Played, entrypoint: Path) -> Iterator[int]:
    """Let a worker answer on a port of 127.0.0.1, which is yielded, and an entrypoint on a unix socket."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one segment an answer: TCP would hold a second one back for 40 ms

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            status, body = script.answer(self.command, self.path, self.headers["Authorization"])
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def address_string(self) -> str:
            return ""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as worker, _UnixServer(str(entrypoint), Handler) as entry:
        worker.daemon_threads = True
        threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}) for server in (worker, entry)]
        for thread in threads:
            thread.start()
        try:
            yield worker.server_address[1]
        finally:
            for server, thread in zip((worker, entry), threads, strict=True):
                server.shutdown()
                thread.join()
