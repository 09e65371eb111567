"""REST v2: finds the route, checks query and body, answers; errors as application/problem+json."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.cloud import refusal as kinds
from tests.cloud.account import Key
from tests.cloud.answer import Answer, Asked, Planned, of_json, problem
from tests.cloud.market import Market
from tests.cloud.refusal import Refusal
from tests.cloud.rest_billing import billing, pod_billing
from tests.cloud.rest_bodies import CreatePod, CreateVolume, PodAction, WrongBodyError, order_of, read
from tests.cloud.rest_catalog import data_centers, gpus
from tests.cloud.rest_logs import log_stream
from tests.cloud.rest_view import actions, network_volume, pod_fields

LIMITS = {"RateLimit-Policy": '"minute";q=60;w=60,"hour";q=3000;w=3600,"day";q=50000;w=86400', "RateLimit": '"minute";r=59;t=60'}


@dataclass
class RestCall:
    """One request by somebody."""

    market: Market
    key: Key
    asked: Asked
    id: str = ""

    def list_pods(self) -> Answer:
        """GET /v2/pods"""
        self._reads_account()
        return _good({"pods": [pod_fields(self.market, pod) for pod in self.market.pods_of(self.key.account)]})

    def get_pod(self) -> Answer:
        """GET /v2/pods/{id}"""
        return _good(pod_fields(self.market, self._pod()))

    def create_pod(self) -> Answer:
        """POST /v2/pods"""
        order = order_of(read(CreatePod, self.asked.body))
        self._changes()
        return _good(pod_fields(self.market, self.market.rent(self.key.account, order)), 201)

    def delete_pod(self) -> Answer:
        """DELETE /v2/pods/{id}"""
        self.market.terminate(self._to_end())
        return Answer(204, headers=LIMITS)

    def act(self) -> Answer:
        """POST /v2/pods/{id}/action"""
        action = read(PodAction, self.asked.body).action
        pod = self._to_end()
        allowed = actions(self.market, pod)
        if action not in allowed:
            raise Refusal(kinds.WRONG_STATE, f"action {action} is not valid now; valid: {', '.join(allowed) or 'none'}")
        if action == "terminate":
            self.market.terminate(pod)
            return Answer(204, headers=LIMITS)
        if action in ("start", "restart"):
            self._changes()
        {"stop": self.market.stop, "start": self.market.start, "restart": self.market.restart}[action](pod)
        return _good(pod_fields(self.market, pod))

    def pod_logs(self) -> Answer:
        """GET /v2/pods/{id}/logs"""
        return log_stream(self.market, self._pod(), self.asked)

    def list_volumes(self) -> Answer:
        """GET /v2/network-volumes"""
        self._reads_account()
        return _good({"networkVolumes": [network_volume(volume) for volume in self.key.account.volumes.values()]})

    def get_volume(self) -> Answer:
        """GET /v2/network-volumes/{id}"""
        self._reads_account()
        volume = self.key.account.volumes.get(self.id)
        return _good(network_volume(volume)) if volume else problem(404, "network volume not found", headers=LIMITS)

    def create_volume(self) -> Answer:
        """POST /v2/network-volumes"""
        given = read(CreateVolume, self.asked.body)
        self._changes()
        volume = self.market.add_volume(self.key.account, given.name, given.size, given.data_center, given.type or "")
        return _good(network_volume(volume), 201)

    def delete_volume(self) -> Answer:
        """DELETE /v2/network-volumes/{id}"""
        self._changes()
        found = self.key.account.volumes.pop(self.id, None)
        return Answer(204, headers=LIMITS) if found else problem(404, "network volume not found", headers=LIMITS)

    def catalog_gpus(self) -> Answer:
        """GET /v2/catalog/gpus"""
        self._reads_account()
        return _good(gpus(self.market.catalog, self.asked.query))

    def catalog_data_centers(self) -> Answer:
        """GET /v2/catalog/datacenters"""
        self._reads_account()
        return _good(data_centers(self.market.catalog, self.asked.query))

    def pod_billing(self) -> Answer:
        """GET /v2/billing/pods"""
        self._reads_account()
        return _good(pod_billing(self.market, self.key.account, self.asked.query))

    def billing(self) -> Answer:
        """GET /v2/billing"""
        self._reads_account()
        return _good(billing(self.market, self.key.account, self.asked.query))

    def _pod(self) -> Any:
        pod = self.market.find(self.key.account, self.id)
        if pod is None or (self.key.rights == "pod" and not self.key.reaches(self.id)):
            raise Refusal(kinds.NOT_FOUND, "pod not found")
        if not self.key.reaches(self.id):
            raise Refusal(kinds.RIGHTS, "access denied")
        return pod

    def _to_end(self) -> Any:
        pod = self._pod()
        if pod.gone_at is not None:
            raise Refusal(kinds.NOT_FOUND, "pod not found")
        if not self.key.ends(self.id):
            raise Refusal(kinds.RIGHTS, "access denied")
        return pod

    def _reads_account(self) -> None:
        if not self.key.reads_account:
            raise Refusal(kinds.RIGHTS, "access denied")

    def _changes(self) -> None:
        if not self.key.changes:
            raise Refusal(kinds.RIGHTS, "access denied")


ROUTES: tuple[tuple[str, str, str, Callable[[RestCall], Answer]], ...] = (
    ("GET", r"/pods", "list", RestCall.list_pods),
    ("POST", r"/pods", "create", RestCall.create_pod),
    ("GET", r"/pods/([^/]+)", "get", RestCall.get_pod),
    ("DELETE", r"/pods/([^/]+)", "terminate", RestCall.delete_pod),
    ("POST", r"/pods/([^/]+)/action", "action", RestCall.act),
    ("GET", r"/pods/([^/]+)/logs", "logs", RestCall.pod_logs),
    ("GET", r"/network-volumes", "volumes", RestCall.list_volumes),
    ("POST", r"/network-volumes", "create_volume", RestCall.create_volume),
    ("GET", r"/network-volumes/([^/]+)", "volumes", RestCall.get_volume),
    ("DELETE", r"/network-volumes/([^/]+)", "delete_volume", RestCall.delete_volume),
    ("GET", r"/catalog/gpus", "offers", RestCall.catalog_gpus),
    ("GET", r"/catalog/datacenters", "data_centers", RestCall.catalog_data_centers),
    ("GET", r"/billing/pods", "billing", RestCall.pod_billing),
    ("GET", r"/billing", "billing", RestCall.billing),
)


def plan(market: Market, key: Key, asked: Asked) -> Planned | Answer:
    """Given a request below /v2, return what it is about and how to answer it; at once the answer where there is no such route."""
    known = False
    for method, pattern, operation, serve in ROUTES:
        found = re.fullmatch(pattern, asked.path.removeprefix("/v2"))
        known = known or found is not None
        if found is None or method != asked.method:
            continue
        call = RestCall(market, key, asked, unquote(found[1]) if found.groups() else "")
        name = _action(asked.body) if operation == "action" else operation
        return Planned(frozenset([name]), lambda serve=serve, call=call: _told(serve, call), pod_id=call.id)
    return problem(405, "The requested method is not allowed for this path.") if known else problem(404, "resource not found")


def _action(body: bytes) -> str:
    try:
        return read(PodAction, body).action
    except WrongBodyError:
        return "action"


def _told(serve: Callable[[RestCall], Answer], call: RestCall) -> Answer:
    try:
        return serve(call)
    except WrongBodyError as error:
        return problem(422, "Request validation failed.", error.errors, LIMITS)
    except Refusal as error:
        return problem(error.wording.status, error.wording.message, error.errors, LIMITS)


def _good(said: Any, status: int = 200) -> Answer:
    return of_json(status, said, LIMITS)
