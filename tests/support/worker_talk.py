"""Speaks to a worker, wherever it runs: whoever knows its client inherits the requests that tests make."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from httpx_sse import connect_sse


def recipe(source: str, **changes: Any) -> dict[str, Any]:
    """Given a model's source, return the JSON of a small recipe; `changes` are its fields."""
    plain = {
        "model": "tiny",
        "source": source,
        "prompt": "a red circle",
        "width": 64,
        "height": 64,
        "steps": 2,
        "guidance": 3.5,
        "maximum_sequence_length": 32,
        "seeds": [7],
    }
    return {**plain, **changes}


def new_id() -> str:
    """Return an id for a job."""
    return uuid.uuid4().hex


class WorkerTalk:
    """The requests; `client` and `wait_until` are the heir's."""

    def client(self) -> httpx.Client:
        """Return a client of the worker."""
        raise AttributeError("whoever inherits this says how its worker is reached")

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """Look every few milliseconds until something is so; raise AssertionError when that takes too long."""
        raise AttributeError("whoever inherits this says how long it waits")

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET below `/v1`."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """POST below `/v1`."""
        return self.request("POST", path, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request below `/v1`."""
        with self.client() as client:
            return client.request(method, f"/v1/{path}", **more)

    def put(self, job_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Put a job that has to be accepted, and return its status."""
        reply = self.request("PUT", f"jobs/{job_id}", json=body)
        assert reply.status_code in (200, 201), reply.text
        return reply.json()

    def job(self, job_id: str) -> dict[str, Any]:
        """Return the status of a job that has to be there."""
        reply = self.get(f"jobs/{job_id}")
        assert reply.status_code == 200, reply.text
        return reply.json()

    def ended(self, job_id: str) -> dict[str, Any]:
        """Wait until a job has ended and return its status."""
        self.wait_until(lambda: self.job(job_id)["state"] in ("done", "failed", "cancelled"), "the job's end")
        return self.job(job_id)

    def made(self, body: Mapping[str, Any]) -> list[str]:
        """Put a job, wait for it, and return the hashes of its pictures, which all have to be there."""
        job_id = new_id()
        self.put(job_id, body)
        status = self.ended(job_id)
        assert status["state"] == "done", status
        return [picture["sha256"] for picture in status["pictures"]]

    def events(self, job_id: str, last_event_id: str = "", *, most: int = 100_000, until: str = "") -> list[tuple[str, dict[str, Any]]]:
        """Follow a job to the end of the stream, for `most` events, or until one of type `until`; return ids and events."""
        seen: list[tuple[str, dict[str, Any]]] = []
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        with self.client() as client, connect_sse(client, "GET", f"/v1/jobs/{job_id}/events", headers=headers) as source:
            for event in source.iter_sse():
                seen.append((event.id, json.loads(event.data)))
                if len(seen) >= most or seen[-1][1]["type"] == until:
                    break
        return seen
