"""A worker process without a model: real lock, real socket, real HTTP; `stand_in.json` in the pod's folder says how it behaves.

Run as `python stand_in_worker.py` with a contract in its environment. The file is read at every request.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

from fluxpod.pod_contract import PodContract
from fluxpod.process_lock import process_lock
from fluxpod.protocol import source_hash

contract = PodContract.from_environment()
started = time.monotonic()


class Standing:
    """What changes while it runs."""

    number = 0
    """Which worker of its pod it is, from 1."""
    activity_seen = 0
    draining_since: float | None = None


def behaviour() -> dict[str, Any]:
    """Return what the test wants: boot_seconds, dies, fails, busy, moves, source_hash, protocol, silent, drain_seconds,
    answers (a status, to everything).

    `until_start` N: the Nth worker and later ones are ordinary again.
    """
    try:
        said: dict[str, Any] = json.loads((contract.root / "stand_in.json").read_text())
    except FileNotFoundError:
        return {}
    return {} if Standing.number >= said.get("until_start", 1_000_000) else said


def phase() -> str:
    """Return the phase by now."""
    said = behaviour()
    if Standing.draining_since is not None:
        return "draining"
    if time.monotonic() - started < said.get("boot_seconds", 0.1):
        return "loading"
    return "failed" if said.get("fails") else "ready"


def busy() -> bool:
    """Return whether a job runs by now."""
    said = behaviour()
    if Standing.draining_since is not None:
        return bool(time.monotonic() - Standing.draining_since < said.get("drain_seconds", 0))
    return bool(said.get("busy", False))


def progress() -> int:
    """Return the counter by now: it moves every tenth of a second, or stands still."""
    return int((time.monotonic() - started) * 10) if behaviour().get("moves") else 1


class Handler(BaseHTTPRequestHandler):
    """The routes that up, down, status and the watchdog use."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer health, idle and jobs."""
        if not self._welcome():
            return
        said = behaviour()
        if self.path == "/v1/health":
            health = {
                "phase": phase(),
                "detail": said.get("fails", ""),
                "seconds_in_phase": time.monotonic() - started,
                "protocol": said.get("protocol", 1),
                "version": "stand-in",
                "source_hash": said.get("source_hash", source_hash()),
                "features": [],
                "pod_id": contract.pod_id,
                "model": contract.model,
            }
            self._answer(200, health)
        elif self.path == "/v1/idle":
            self._answer(200, self._idle())
        elif self.path.startswith("/v1/jobs?"):
            self._answer(200, {"jobs": []})
        else:
            self._answer(404, {"code": "not_found", "message": self.path})

    def do_POST(self) -> None:
        """Answer drain and keep."""
        if not self._welcome():
            return
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"{}")
        if self.path == "/v1/keep":
            Standing.activity_seen += 1
        elif body.get("activity_seen") not in (None, Standing.activity_seen):
            self._answer(409, {"code": "in_use", "message": "used since"})
            return
        elif Standing.draining_since is None:
            Standing.draining_since = time.monotonic()
        self._answer(200, self._idle())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """Return nothing: a unix socket has no address."""
        return ""

    def _idle(self) -> dict[str, Any]:
        return {"phase": phase(), "activity_seen": Standing.activity_seen, "busy": busy(), "progress": progress(), "keep_seconds_left": 0}

    def _welcome(self) -> bool:
        while behaviour().get("silent"):
            time.sleep(0.05)
        if behaviour().get("answers"):
            self._answer(behaviour()["answers"], {"code": "trouble", "message": "something is wrong here"})
            return False
        if self.headers["Authorization"] == f"Bearer {contract.worker_token}":
            return True
        self._answer(401, {"code": "unauthorized", "message": "wrong token"})
        return False

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingMixIn, UnixStreamServer):
    """One thread a request."""

    daemon_threads = True
    request_queue_size = 64


def die_if_wanted() -> None:
    """End in the middle of loading, with last words."""
    while not behaviour().get("dies"):
        time.sleep(0.02)
    time.sleep(behaviour().get("boot_seconds", 0.1) / 2)
    sys.stderr.write("loading shard 3 of 7\nCUDA error: device-side assert triggered\n")
    sys.stderr.flush()
    os._exit(3)


def main() -> None:
    """Take the lock, count the start, and serve."""
    with process_lock(contract.paths.worker_lock):
        with (contract.root / "starts").open("a") as starts:
            starts.write(f"{os.getpid()} {os.environ.get('HF_TOKEN', '')} {Path.cwd()}\n")
        Standing.number = len((contract.root / "starts").read_text().splitlines())
        contract.socket.unlink(missing_ok=True)
        threading.Thread(target=die_if_wanted, daemon=True).start()
        with Server(str(contract.socket), Handler) as server:
            server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
