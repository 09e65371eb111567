"""A request and its answer, of either API."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GRAPHQL, REST = "graphql", "rest"


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def token(self) -> str:
        """Return the key that it bears."""
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() if kind.lower() == "bearer" else self.query.get("api_key", "")


@dataclass(frozen=True)
class Answer:
    """What goes back; `stream` yields pieces for as long as there are any."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    stream: Callable[[], Iterator[bytes]] | None = None

    def json(self) -> Any:
        """Return what its JSON says."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Planned:
    """A request that was understood: what it is about, and how to do it."""

    operations: frozenset[str]
    """Such as `create`, `list`; a GraphQL document may be several."""
    run: Callable[[], Answer]
    roots: tuple[str, ...] = ()
    """Names in the data of a GraphQL answer."""
    pod_id: str = ""


def of_json(status: int, said: Any, headers: Mapping[str, str] | None = None, kind: str = "application/json") -> Answer:
    """Return an answer of JSON."""
    return Answer(status, json.dumps(said).encode(), {"Content-Type": kind, **(headers or {})})


def problem(status: int, detail: str, errors: tuple[str, ...] = (), headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error as REST tells it."""
    titles = {
        400: "Bad Request",
        401: "Unauthorized",
        402: "Payment Required",
        403: "Forbidden",
        404: "Not Found",
        405: "Method Not Allowed",
    }
    more = {409: "Conflict", 410: "Gone", 422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error"}
    said: dict[str, Any] = {"title": {**titles, **more}.get(status, "Error"), "status": status, "detail": detail}
    if errors:
        said["errors"] = list(errors)
    return of_json(status, said, headers, "application/problem+json")


def page(status: int, words: str) -> Answer:
    """Return the page of a proxy that stands before the API."""
    content = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{words}</h1><p>cloudflare</p></body></html>"
    return Answer(status, content.encode(), {"Content-Type": "text/html; charset=UTF-8"})
