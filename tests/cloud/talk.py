"""Somebody who speaks to the platform over HTTP, as a client would."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import httpx
from tests.cloud.cloud_server import CloudServer

GPU = "NVIDIA L40S"
RUNTIME = "runtime { uptimeInSeconds ports { ip isIpPublic privatePort publicPort type } }"
POD = f"{{ id name desiredStatus lastStatusChange costPerHr env {RUNTIME} }}"
GET = f"query($id: String!) {{ pod(input: {{podId: $id}}) {POD} }}"
DEPLOY = f"mutation($input: PodFindAndDeployOnDemandInput) {{ podFindAndDeployOnDemand(input: $input) {POD} }}"
TERMINATE = "mutation($id: String!) { podTerminate(input: {podId: $id}) }"
STOP = "mutation($id: String!) { podStop(input: {podId: $id}) { id desiredStatus } }"
START = f"mutation($id: String!) {{ podResume(input: {{podId: $id, gpuCount: 1}}) {POD} }}"


class Talk:
    """One client with one key."""

    def __init__(self, server: CloudServer, key: str | None = None) -> None:
        self.server = server
        token = server.key if key is None else key
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=server.url, headers=headers, timeout=20, trust_env=False, verify=False)  # noqa: S501 - no TLS here

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, document: str, **variables: Any) -> httpx.Response:
        """Send a GraphQL document."""
        return self.http.post("/graphql", json={"query": document, "variables": variables})

    def data(self, document: str, **variables: Any) -> Any:
        """Send one that has to succeed, and return its data."""
        said = self.post(document, **variables).json()
        assert "errors" not in said, said
        return said["data"]

    def error(self, document: str, **variables: Any) -> dict[str, Any]:
        """Send one that has to fail, and return its first error."""
        said = self.post(document, **variables).json()
        assert "errors" in said, said
        return said["errors"][0]

    def deploy(self, **changes: Any) -> dict[str, Any]:
        """Rent a pod over GraphQL."""
        return self.data(DEPLOY, input=deployment(**changes))["podFindAndDeployOnDemand"]

    def pod(self, pod_id: str) -> Any:
        """Ask for a pod over GraphQL."""
        return self.data(GET, id=pod_id)["pod"]

    def rest(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a REST request."""
        return self.http.request(method, f"/v2{path}", json=body) if body is not None else self.http.request(method, f"/v2{path}")

    def create(self, **changes: Any) -> dict[str, Any]:
        """Rent a pod over REST."""
        response = self.rest("POST", "/pods", creation(**changes))
        assert response.status_code == 201, response.text
        return response.json()

    @contextmanager
    def log(self, pod_id: str, query: str = "", **headers: str) -> Iterator[Iterator[dict[str, str]]]:
        """Follow a log: yields its events, each with its id."""
        with self.http.stream("GET", f"/v2/pods/{pod_id}/logs?{query}", headers=headers) as response:
            assert response.status_code == 200
            yield _events(response.iter_lines())


def deployment(**changes: Any) -> dict[str, Any]:
    """Return GraphQL's input for a pod; `changes` are its fields."""
    plain = {"name": "a-pod", "imageName": "ghcr.io/somebody/fluxctl-pod:1", "gpuTypeId": GPU, "gpuCount": 1, "cloudType": "SECURE"}
    return {**plain, "containerDiskInGb": 20, "volumeInGb": 0, "ports": "22/tcp", **changes}


def creation(**changes: Any) -> dict[str, Any]:
    """Return REST's body for a pod; `changes` are its fields."""
    plain = {"name": "a-pod", "image": "ghcr.io/somebody/fluxctl-pod:1", "gpu": {"id": GPU, "count": 1}, "cloud": "SECURE"}
    return {**plain, "disk": 20, "ports": ["22/tcp"], **changes}


def ssh_port(pod: dict[str, Any]) -> int | None:
    """Return the public port of 22 of a pod as GraphQL tells it."""
    entries = (pod["runtime"] or {}).get("ports") or []
    return next((entry["publicPort"] for entry in entries if entry["privatePort"] == 22 and entry["isIpPublic"]), None)


def _events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    event_id = ""
    for line in lines:
        if line.startswith("id: "):
            event_id = line.removeprefix("id: ")
        elif line.startswith("data: "):
            yield {"id": event_id, **json.loads(line.removeprefix("data: "))}
