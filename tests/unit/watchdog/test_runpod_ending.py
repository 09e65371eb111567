"""Ending a pod at RunPod: against a real server on this machine that fails in every way, until the pod is known to be gone."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tests.support.runpod_server import GRAPHQL, KEY, POD, REST, Fault, RunPodServer, drip, hang, page, runpod_server, status

from fluxpod.runpod_api import RunPodApi
from fluxpod.runpod_http import Http
from fluxpod.watchdog_runpod import RunPodEnding

ERRORS = {"errors": [{"message": "Something went wrong. Please try again later or contact support."}], "data": {"podTerminate": None}}


@dataclass
class Tried:
    """An ending, and what it said and waited for."""

    server: RunPodServer
    action: str = "terminate"
    variables: dict[str, str] = field(default_factory=dict[str, str])
    lines: list[str] = field(default_factory=list[str])
    slept: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        """Put it together; an answer may take half a second."""
        api = RunPodApi.from_environment({**self.server.variables(), **self.variables})
        api.http = Http(api.http.key, timeout_seconds=0.5)
        self.ending = RunPodEnding(api, self.action, self.slept.append, self.lines.append)

    def until_ended(self, most: int = 8) -> int:
        """Try until it says that the pod has ended; return how many tries that took."""
        for number in range(1, most + 1):
            if self.ending.end():
                return number
        raise AssertionError(self.lines)


@pytest.fixture
def server() -> Iterator[RunPodServer]:
    with runpod_server() as running:
        yield running


def test_rest_comes_first_and_the_pod_is_looked_for_afterwards(server: RunPodServer) -> None:
    assert Tried(server).until_ended() == 1
    assert server.asked == [f'POST /v2/pods/{POD}/action {{"action": "terminate"}}', f"GET /v2/pods/{POD}"]
    assert server.state == ""


def test_no_request_bears_pythons_own_agent(server: RunPodServer) -> None:
    server.faults[REST] = [page(403)]
    Tried(server).until_ended()
    assert server.agents
    assert all(agent.startswith("fluxpod/") for agent in server.agents)


@pytest.mark.parametrize(
    "fault",
    [
        status(500, {"title": "Internal Server Error"}),
        status(429, {"title": "Too Many Requests"}, Retry_After="7"),
        page(403),
        page(502),
        page(404),
        status(404, {"title": "no such route here"}),
        status(410, {"detail": "this API was retired"}),
        status(409, {"detail": "the action is not in actions"}),
        status(200, ERRORS),
        status(307, None, Location="http://127.0.0.1:1/v2/pods"),
        status(401, {"title": "Unauthorized"}),
        hang,
        drip,
    ],
)
def test_where_rest_never_works_graphql_ends_the_pod(server: RunPodServer, fault: Fault) -> None:
    server.always[REST] = fault
    assert Tried(server).until_ended() == 1
    assert server.state == ""


@pytest.mark.parametrize(
    "fault", [status(500), page(502), status(200, ERRORS), status(200, {"data": None}), status(200, []), page(200), hang]
)
def test_where_both_fail_for_a_while_it_goes_on_until_one_works(server: RunPodServer, fault: Fault) -> None:
    server.faults = {REST: [fault] * 2, GRAPHQL: [fault]}
    tried = Tried(server)
    assert tried.ending.end() is False
    assert server.state == "RUNNING"
    assert any("RunPod did not terminate the pod" in line for line in tried.lines)
    assert tried.until_ended() == 1
    assert server.state == ""


def test_an_error_in_a_body_with_status_200_is_no_success(server: RunPodServer) -> None:
    server.always = {REST: page(502), GRAPHQL: status(200, ERRORS)}
    tried = Tried(server)
    assert tried.ending.end() is False
    assert "Something went wrong" in "".join(tried.lines)


def test_the_wait_that_runpod_asks_for_is_told_to_the_loop(server: RunPodServer) -> None:
    server.always = {name: status(429, {"title": "Too Many Requests"}, Retry_After="7") for name in (REST, GRAPHQL)}
    tried = Tried(server)
    assert tried.ending.end() is False
    assert tried.ending.wait_seconds == 7


def test_a_pod_that_is_gone_already_has_ended(server: RunPodServer) -> None:
    server.state = ""
    assert Tried(server).until_ended() == 1


def test_a_pod_that_still_shows_itself_is_not_believed_to_be_gone(server: RunPodServer) -> None:
    server.takes_effect_after = 7
    tried = Tried(server)
    assert tried.until_ended() == 2
    assert "the pod has not ended yet" in tried.lines


@pytest.mark.parametrize(
    ("action", "ignored", "tries"),
    [
        ("terminate", {"POST"}, 2),
        ("terminate", {"POST", "DELETE"}, 3),
        ("terminate", {"DELETE", GRAPHQL}, 1),
        ("stop", {"POST"}, 2),
    ],
)
def test_a_way_that_is_accepted_and_does_nothing_is_followed_by_the_next(
    server: RunPodServer, action: str, ignored: set[str], tries: int
) -> None:
    server.ignored = frozenset(ignored)
    assert Tried(server, action).until_ended() == tries
    assert server.state in ("", "EXITED")


def test_after_the_last_way_it_begins_again_with_the_first(server: RunPodServer) -> None:
    server.ignored = frozenset({"POST", "DELETE", GRAPHQL})
    tried = Tried(server)
    assert [tried.ending.end() for _ in range(3)] == [False] * 3
    server.ignored = frozenset()
    assert tried.until_ended() == 1
    assert len([line for line in server.asked if line.startswith(f"POST /v2/pods/{POD}/action")]) == 2


def test_a_try_is_over_in_time_when_no_answer_comes_to_anything(server: RunPodServer) -> None:
    server.always = {REST: hang, GRAPHQL: hang}
    tried = Tried(server)
    tried.ending.api.http = Http(KEY)
    tried.ending.try_seconds = 0.9
    began = time.monotonic()
    assert tried.ending.end() is False
    assert time.monotonic() - began < 10  # one request alone may take 15
    assert [line.split()[0] for line in server.asked] == ["POST", "DELETE", "POST"]


def test_looking_stops_at_the_first_look_that_shows_nothing_and_in_time(server: RunPodServer) -> None:
    server.faults[REST] = [status(204)]
    server.always = {REST: hang, GRAPHQL: hang}
    tried = Tried(server)
    tried.ending.api.http = Http(KEY)
    tried.ending.try_seconds = 0.9
    began = time.monotonic()
    assert tried.ending.end() is False
    assert time.monotonic() - began < 10
    assert len([line for line in server.asked if line.startswith("GET")]) == 1


def test_a_look_that_fails_is_no_proof(server: RunPodServer) -> None:
    server.always = {GRAPHQL: page(502)}
    server.faults[REST] = [status(204)] + [page(502)] * 5
    tried = Tried(server)
    assert tried.ending.end() is False
    assert any("cannot be seen" in line for line in tried.lines)


def test_a_404_that_no_api_wrote_ends_nothing(server: RunPodServer) -> None:
    server.always = {REST: page(404), GRAPHQL: page(404)}
    assert Tried(server).ending.end() is False


def test_stop_is_over_once_the_pod_has_exited(server: RunPodServer) -> None:
    assert Tried(server, "stop").until_ended() == 1
    assert server.state == "EXITED"
    server.state = "RUNNING"
    server.always[REST] = page(410)
    assert Tried(server, "stop").until_ended() == 1
    assert server.state == "EXITED"


def test_an_id_that_holds_quotes_reaches_graphql_as_that_id() -> None:
    with runpod_server(pod_id='a"}) { id } evil: podStop(input: {podId: "x') as server:
        server.always[REST] = page(502)
        assert Tried(server).until_ended() == 1
        assert server.state == ""


def test_nobody_there_is_tried_again(server: RunPodServer) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        tried = Tried(server, variables={"RUNPOD_REST_BASE_URL": nowhere, "RUNPOD_API_BASE_URL": nowhere})
        assert tried.ending.end() is False
    assert "refused" in "".join(tried.lines)


def test_a_name_that_cannot_be_looked_up_is_tried_again(server: RunPodServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    tried = Tried(server)
    assert tried.ending.end() is False
    assert "name resolution" in "".join(tried.lines)
    monkeypatch.undo()
    assert tried.until_ended() == 1


@pytest.mark.parametrize("key", ["", "wrong", "two\nlines", "ключ"])
def test_a_key_that_is_no_use_ends_nothing_and_is_never_said(server: RunPodServer, key: str) -> None:
    tried = Tried(server, variables={"RUNPOD_API_KEY": key})
    assert tried.ending.end() is False
    assert not key or key not in "".join(tried.lines)


def test_the_key_is_never_said_even_when_the_answer_repeats_it(server: RunPodServer) -> None:
    server.always = {REST: status(401, {"detail": f"bad key {KEY}"}), GRAPHQL: status(200, {"errors": [{"message": f"bad {KEY}"}]})}
    tried = Tried(server)
    assert tried.ending.end() is False
    assert KEY not in "".join(tried.lines) + repr(tried.ending)
    assert "[key]" in "".join(tried.lines)


def test_a_key_that_reads_the_pod_is_fine(server: RunPodServer) -> None:
    assert RunPodApi.from_environment(server.variables()).why_not_readable() == ""
    server.always[REST] = page(502)
    assert RunPodApi.from_environment(server.variables()).why_not_readable() == ""


def test_a_key_that_cannot_read_the_pod_is_told(server: RunPodServer) -> None:
    wrong = RunPodApi.from_environment({**server.variables(), "RUNPOD_API_KEY": "wrong"})
    assert "401" in wrong.why_not_readable()
    without = RunPodApi.from_environment({**server.variables(), "RUNPOD_API_KEY": ""})
    assert without.why_not_readable() == "RUNPOD_API_KEY not set"
    server.state = ""
    assert "no such pod" in RunPodApi.from_environment(server.variables()).why_not_readable()
