"""What a pod asks RunPod about itself: REST v2 first, and GraphQL where that does not help. Standard library only."""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast
from urllib.parse import quote

from fluxpod.pod_contract import POD_ID, RUNPOD_POD_ID
from fluxpod.runpod_http import Http, NoAnswerError, Reply

REST_BASE_URL = "https://api.runpod.io/v2"
API_BASE_URL = "https://api.runpod.io"
_MUTATIONS = {"terminate": "podTerminate(input: {podId: %s})", "stop": "podStop(input: {podId: %s}) { id desiredStatus }"}
_ENDED_STATES = {"terminate": ("TERMINATED",), "stop": ("TERMINATED", "EXITED")}
_NOT_FOUND = ("not found", "not_found", "does not exist")


class Outcome(Enum):
    """What became of a request to end a pod, or of a question about it."""

    ACCEPTED = "accepted"
    GONE = "gone"
    """RunPod knows no such pod, or it has ended."""
    LIVES = "lives"
    UNKNOWN = "unknown"


@dataclass
class RunPodApi:
    """One pod's way to RunPod, with the key that RunPod gave it."""

    pod_id: str
    http: Http = field(repr=False)
    rest: str = REST_BASE_URL
    graphql: str = f"{API_BASE_URL}/graphql"
    problems: list[str] = field(default_factory=list[str])
    """Why the last call found no better answer."""
    retry_after_seconds: float = 0.0
    """RunPod asked to be left alone for so long."""
    _first_way: int = 0
    """With which way the next request to end begins: one that was accepted and did not end the pod is of no use again at once."""
    _latest: float = math.inf
    """When the call has to be over."""
    _requests_left: int = 1
    """Which the time until then has to do for."""

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "RunPodApi":
        """Given the pod's environment, return its way to RunPod; a missing key shows as refused calls."""
        rest = (variables.get("RUNPOD_REST_BASE_URL") or REST_BASE_URL).rstrip("/")
        api = (variables.get("RUNPOD_API_BASE_URL") or API_BASE_URL).rstrip("/")
        return cls(
            pod_id=variables.get(RUNPOD_POD_ID, "") or variables.get(POD_ID, ""),
            http=Http(variables.get("RUNPOD_API_KEY", "").strip()),
            rest=rest if rest.endswith("/v2") else f"{rest}/v2",
            graphql=api if api.endswith("/graphql") else f"{api}/graphql",
        )

    def ask_to_end(self, action: str, most_seconds: float = math.inf) -> Outcome:
        """Given `terminate` or `stop`, ask for it: ACCEPTED, GONE, or UNKNOWN with `problems`; asked again, begin with the next way."""
        pod = self._address
        ways = [lambda: self._rest("POST", f"{pod}/action", {"action": action}), lambda: self._mutate(action)]
        if action == "terminate":
            ways.insert(1, lambda: self._rest("DELETE", pod))
        self._begin(most_seconds, len(ways))
        first = self._first_way % len(ways)
        best = Outcome.UNKNOWN
        for number in [*range(first, len(ways)), *range(first)]:
            outcome = ways[number]()
            if outcome is Outcome.ACCEPTED:
                self._first_way = number + 1
                return outcome
            best = outcome if outcome is Outcome.GONE else best
        return best

    def ask_whether_ended(self, action: str, most_seconds: float = math.inf) -> Outcome:
        """Given how it was to end, ask for the pod: GONE, LIVES, or UNKNOWN with `problems`."""
        self._begin(most_seconds, 2)
        reply = self._reply("REST", "GET", self._address)
        if reply and reply.status == 200 and not _errors(reply) and (state := _text(reply.body, "status")):
            return _standing(state, action)
        if reply and _says_not_found(reply):
            return Outcome.GONE
        self._note("REST", reply)
        reply = self._reply(
            "GraphQL", "POST", self.graphql, {"query": f"query {{ pod(input: {{podId: {self._id}}}) {{ id desiredStatus }} }}"}
        )
        data = _data(reply)
        if data is None or "pod" not in data:
            self._note("GraphQL", reply)
            return Outcome.UNKNOWN
        return Outcome.GONE if data["pod"] is None else _standing(_text(data["pod"], "desiredStatus"), action)

    def why_not_readable(self) -> str:
        """Return why the pod's key cannot read the pod itself, so that it could hardly end it; empty when it can."""
        missing = [name for name, value in (("RUNPOD_POD_ID", self.pod_id), ("RUNPOD_API_KEY", self.http.key)) if not value]
        if missing:
            return f"{' and '.join(missing)} not set"
        outcome = self.ask_whether_ended("terminate")
        if outcome is Outcome.GONE:
            return "RunPod shows this key no such pod"
        return "" if outcome is Outcome.LIVES else "; ".join(self.problems)

    @property
    def _address(self) -> str:
        return f"{self.rest}/pods/{quote(self.pod_id, safe='')}"

    @property
    def _id(self) -> str:
        return json.dumps(self.pod_id)  # a JSON string is a GraphQL string

    def _begin(self, most_seconds: float, requests: int) -> None:
        self._latest = time.monotonic() + most_seconds
        self._requests_left = requests
        self.problems.clear()
        self.retry_after_seconds = 0.0

    def _rest(self, method: str, url: str, body: Any = None) -> Outcome:
        reply = self._reply(f"REST {method}", method, url, body)
        # Either nothing, or the pod as it is now: a proxy's page of status 200 is neither.
        if reply and (reply.status == 204 or (reply.status in (200, 202) and not _errors(reply) and _text(reply.body, "id"))):
            return Outcome.ACCEPTED
        if reply and _says_not_found(reply):
            return Outcome.GONE
        self._note(f"REST {method}", reply)
        return Outcome.UNKNOWN

    def _mutate(self, action: str) -> Outcome:
        reply = self._reply("GraphQL", "POST", self.graphql, {"query": f"mutation {{ {_MUTATIONS[action] % self._id} }}"})
        if reply and any(part in json.dumps(_errors(reply)).lower() for part in _NOT_FOUND):
            return Outcome.GONE
        # Void answers null: only its name in the data tells it from an answer to something else.
        if (data := _data(reply)) is not None and f"pod{action.capitalize()}" in data:
            return Outcome.ACCEPTED
        self._note("GraphQL", reply)
        return Outcome.UNKNOWN

    def _reply(self, what: str, method: str, url: str, body: Any = None) -> Reply | None:
        try:
            share = (self._latest - time.monotonic()) / self._requests_left
            self._requests_left = max(1, self._requests_left - 1)
            reply = self.http.request(method, url, body, share)
        except NoAnswerError as error:
            self.problems.append(f"{what}: {error}")
            return None
        self.retry_after_seconds = max(self.retry_after_seconds, reply.retry_after_seconds)
        return reply

    def _note(self, what: str, reply: Reply | None) -> None:
        if reply is not None:
            self.problems.append(self.http.without_key(f"{what}: {reply.status} {_words(reply)}".strip()))


def _standing(state: str, action: str) -> Outcome:
    if not state:
        return Outcome.UNKNOWN
    return Outcome.GONE if state.upper() in _ENDED_STATES[action] else Outcome.LIVES


def _says_not_found(reply: Reply) -> bool:
    """A 404 that RunPod's API wrote itself: a proxy's or a moved address's page is none."""
    return reply.status == 404 and any(part in json.dumps(reply.body).lower() for part in _NOT_FOUND)


def _data(reply: Reply | None) -> dict[str, Any] | None:
    """Return the data of a GraphQL answer without errors."""
    if reply is None or reply.status != 200 or _errors(reply):
        return None
    data = _mapping(reply.body).get("data")
    return _mapping(data) if isinstance(data, dict) else None


def _errors(reply: Reply) -> Any:
    return _mapping(reply.body).get("errors")


def _text(said: Any, name: str) -> str:
    value = _mapping(said).get(name)
    return value if isinstance(value, str) else ""


def _mapping(said: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _words(reply: Reply) -> str:
    """Return what a reply says about itself, short."""
    said = _text(reply.body, "detail") or _text(reply.body, "title") or json.dumps(_errors(reply) or "")
    return said[:200] if said != '""' else "" if isinstance(reply.body, dict) else "(no JSON)"
