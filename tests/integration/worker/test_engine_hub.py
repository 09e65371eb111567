"""Models of the hub: what is said when one cannot be had, and that the hub's cache is used. The hub is a server on this computer."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

_ASK = """
import sys
from fluxpod.engine.failure import EngineError
from fluxpod.engine.hub import download
try:
    told = set()
    folder = download('maker/model', 'main', lambda size, total: told.add(total))
    sys.stdout.write(f"folder {folder}" + "".join(f" of {total}" for total in told))
except EngineError as error:
    sys.stdout.write(f"{error.code} {error.message}")
"""
COMMIT = "a" * 40


@pytest.fixture
def hub() -> Iterator[tuple[str, dict[str, str | int]]]:
    """Address of a hub that answers everything with one status and error code, which the test sets."""
    answer: dict[str, str | int] = {"status": 404, "code": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(int(answer["status"]))
            self.send_header("X-Error-Code", str(answer["code"]))
            self.send_header("X-Error-Message", "no")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answer
    server.shutdown()
    thread.join()
    server.server_close()


def _ask(home: Path, endpoint: str, **variables: str) -> str:
    environment = {**os.environ, "HF_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0", **variables}
    for name in ("HF_TOKEN", "HF_HUB_CACHE"):
        environment.pop(name, None)
    done = subprocess.run([sys.executable, "-c", _ASK], env=environment, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def slow_hub() -> Iterator[str]:
    """Address of a hub that has one model, and needs a while for its file."""
    content = b"{}"
    wanted = {"rfilename": "model_index.json", "size": len(content)}
    about = {"id": "maker/model", "sha": COMMIT, "siblings": [wanted, {"rfilename": "whole.safetensors", "size": 10**9}]}

    tree = [{"type": "file", "path": "model_index.json", "size": len(content), "oid": "abc"}]

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._head(content)

        def do_GET(self) -> None:
            if "/resolve/" in self.path:
                time.sleep(2.5)
                self._head(content)
                self.wfile.write(content)
            else:
                body = json.dumps(tree if "/tree/" in self.path else about).encode()
                self._head(body)
                self.wfile.write(body)

        def _head(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"abc"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_download_says_how_much_it_will_be_in_all(slow_hub: str, tmp_path: Path) -> None:
    assert _ask(tmp_path, slow_hub).endswith(f"snapshots/{COMMIT} of 2")


@pytest.mark.parametrize(
    ("status", "answered", "code", "said"),
    [
        (403, "GatedRepo", "model_gated", "accept its licence at https://huggingface.co/maker/model and set HF_TOKEN"),
        (401, "RepoNotFound", "model_missing", "the hub has no repository maker/model"),
        (404, "RevisionNotFound", "model_missing", "no revision 'main'"),
        (400, "", "model_download_failed", "did not give out maker/model"),
    ],
)
def test_a_model_that_the_hub_does_not_give_out(
    hub: tuple[str, dict[str, str | int]], tmp_path: Path, status: int, answered: str, code: str, said: str
) -> None:
    endpoint, answer = hub
    answer.update(status=status, code=answered)
    reply = _ask(tmp_path, endpoint)
    assert reply.split()[0] == code
    assert said in reply


def test_a_hub_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    assert _ask(tmp_path, "http://127.0.0.1:1", HF_HUB_OFFLINE="1").startswith("model_offline maker/model is not on this machine")


def test_a_snapshot_in_the_cache_needs_no_hub(tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "models--maker--model"
    snapshot = folder / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "model_index.json").write_text("{}")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT)
    assert _ask(tmp_path, "http://127.0.0.1:1", HF_HUB_OFFLINE="1") == f"folder {snapshot}"
