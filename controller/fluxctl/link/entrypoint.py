"""Asks a pod's entrypoint, which answers also when the worker is down."""

import json
from pathlib import Path
from typing import Any

from fluxctl.link.connection import import_httpx
from fluxctl.link.errors import WorkerUnreachableError, explain
from fluxpod.pod_contract import RESTART_ROUTE, STATE_ROUTE, EntrypointState

ANSWER_SECONDS = 5.0


def ask_state(socket: Path) -> EntrypointState | None:
    """Given the socket that leads to an entrypoint, return what it says; None when nobody answers there in words that can be read."""
    try:
        return EntrypointState.from_json(json.loads(_ask(socket, "GET", STATE_ROUTE)))
    except (WorkerUnreachableError, ValueError):
        return None


def ask_restart(socket: Path) -> None:
    """Have the worker ended and started again; raise WorkerUnreachableError when nobody answers, GenerationError when it is refused."""
    _ask(socket, "POST", RESTART_ROUTE)


def _ask(socket: Path, method: str, route: str) -> bytes:
    httpx: Any = import_httpx()
    transport = httpx.HTTPTransport(uds=str(socket), verify=False)
    try:
        with httpx.Client(transport=transport, base_url="http://entrypoint", timeout=ANSWER_SECONDS, trust_env=False) as client:
            response = client.request(method, route)
    except httpx.RequestError as error:
        why = "the pod's entrypoint does not answer: it is just starting, or the image is older than this fluxctl"
        raise WorkerUnreachableError(why, hint="fluxctl status", code="entrypoint_unreachable") from error
    if response.status_code >= 400:
        raise explain(response.status_code, response.content)
    return bytes(response.content)
