"""A small image registry on 127.0.0.1: Docker's Registry HTTP API v2, as far as pulling needs it, with every way to go wrong."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
TOKEN = "a-registry-token"


@dataclass(frozen=True)
class Reply:
    """What is answered in place of everything else."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    after_seconds: float = 0.0


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Registry:
    """One registry. `token_for` decides who gets a token: given the Authorization header, "" is none; None: nobody needs one."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[str, bytes]] = {}
        self.instead: Reply | None = None
        self.token_for: Callable[[str], bool] | None = None
        self.challenge = ""
        self.basic = ""
        self.requests: list[str] = []
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                registry.requests.append(self.path)
                registry.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def add(self, path: str, kind: str, document: Any) -> str:
        """Keep a document under `manifests/NAME` or `blobs`, and under its digest; return the digest."""
        content = json.dumps(document).encode()
        digest = digest_of(content)
        folder, _, name = path.partition("/")
        self.documents[f"{folder}/{digest}"] = (kind, content)
        if name:
            self.documents[f"{folder}/{name}"] = (kind, content)
        return digest

    def add_image(self, tag: str = "", *, architecture: str = "amd64", kind: str = MANIFEST, labels: dict[str, str] | None = None) -> str:
        """Keep an image of two layers; return its manifest's digest."""
        configuration = self.add("blobs", "application/json", {"os": "linux", "architecture": architecture, "config": {"Labels": labels}})
        layers = [{"digest": digest_of(name), "size": size} for name, size in ((b"a", 1000), (b"b", 2000))]
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": {"digest": configuration, "size": 500}, "layers": layers}
        return self.add(f"manifests/{tag}" if tag else "manifests", kind, manifest)

    def add_index(self, tag: str, platforms: dict[str, str]) -> str:
        """Keep an index over manifests by architecture; return its digest."""
        entries = [
            {"mediaType": MANIFEST, "digest": digest, "size": 1, "platform": {"os": "linux", "architecture": architecture}}
            for architecture, digest in platforms.items()
        ]
        entries.append(
            {
                "mediaType": MANIFEST,
                "digest": digest_of(b"attestation"),
                "size": 1,
                "platform": {"os": "unknown", "architecture": "unknown"},
            }
        )
        return self.add(f"manifests/{tag}", INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        if self.instead is not None:
            time.sleep(self.instead.after_seconds)
            send(handler, self.instead.status, self.instead.body, self.instead.headers)
            return
        parts, given = urlsplit(handler.path), handler.headers.get("Authorization", "")
        if parts.path == "/token":
            assert parse_qs(parts.query)["scope"] == ["repository:somebody/fluxctl-pod:pull"]
            allowed = self.token_for is not None and self.token_for(given)
            send(handler, 200 if allowed else 403, json.dumps({"token": TOKEN} if allowed else {"errors": [{"code": "DENIED"}]}).encode())
        elif (self.basic and given != self.basic) or (self.token_for is not None and given != f"Bearer {TOKEN}"):
            realm = f'Bearer realm="http://{self.name}/token",service="test",scope="repository:somebody/fluxctl-pod:pull"'
            challenge = self.challenge or ('Basic realm="test"' if self.basic else realm)
            send(handler, 401, b'{"errors": [{"code": "UNAUTHORIZED"}]}', {"WWW-Authenticate": challenge})
        elif (found := self.documents.get(parts.path.removeprefix("/v2/somebody/fluxctl-pod/"))) is not None:
            send(handler, 200, found[1], {"Content-Type": found[0], "Docker-Content-Digest": digest_of(found[1])})
        else:
            send(handler, 404, b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}')


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    try:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    except (BrokenPipeError, ConnectionResetError):
        handler.close_connection = True
