"""A job is cancelled while its model is on the way: it ends at once, and the worker goes on as before."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.support.worker_process import contract_for, new_id, recipe, short_folder, started_worker


@pytest.fixture
def slow_hub() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """Address of a hub that knows nothing and says so only when told to; what it was asked; what tells it."""
    asked, release = threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            release.wait(60)
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked, release
    release.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_cancel_does_not_wait_for_the_model(tiny: Path, tmp_path: Path, slow_hub: tuple[str, threading.Event, threading.Event]) -> None:
    address, asked, release = slow_hub
    variables = {
        "HF_ENDPOINT": address,
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_ETAG_TIMEOUT": "60",
        "HF_HUB_DOWNLOAD_TIMEOUT": "60",
        "HF_HOME": str(tmp_path / "hub"),
        "NO_PROXY": "*",
    }
    with short_folder() as folder, started_worker(contract_for(tmp_path / "pod", folder / "s", str(tiny)), variables=variables) as worker:
        job_id = new_id()
        worker.put(job_id, recipe("maker/model"))
        assert asked.wait(30)
        assert (worker.job(job_id)["state"], worker.phase()) == ("running", "downloading")
        begun = time.monotonic()
        assert worker.request("DELETE", f"jobs/{job_id}").json()["state"] == "cancelled"
        assert worker.events(job_id)[-1][1]["type"] == "cancelled"
        assert time.monotonic() - begun < 5
        assert not worker.get("idle").json()["busy"]
        release.set()
        assert worker.made(recipe(str(tiny)))
        assert worker.job(job_id)["state"] == "cancelled"
        assert worker.phase() == "ready"
