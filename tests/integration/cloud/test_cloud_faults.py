"""Faults of this computer's RunPod: on the call that is meant, before or after it took effect, as often as was said."""

import httpx
import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.talk import DEPLOY, GET, STOP, TERMINATE, Talk, creation, deployment

BROKEN = ["reset", "timeout", "cut"]
STATUSES = {
    "401": 401,
    "403": 403,
    "410": 410,
    "429": 429,
    "500": 500,
    "502": 502,
    "503": 503,
    "524": 524,
    "html": 200,
    "errors": 200,
    "null": 200,
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("via", ["graphql", "rest"])
def test_a_connection_that_breaks_gives_no_answer(talk: Talk, what: str, via: str) -> None:
    talk.server.fault("list", what)
    with pytest.raises(httpx.TransportError):
        talk.post("{ myself { pods { id } } }") if via == "graphql" else talk.rest("GET", "/pods")
    assert talk.rest("GET", "/pods").status_code == 200


@pytest.mark.parametrize("what", BROKEN)
def test_after_the_effect_the_pod_is_there_though_nobody_was_told(talk: Talk, what: str) -> None:
    talk.server.fault("create", f"{what}_after_effect")
    with pytest.raises(httpx.TransportError):
        talk.post(DEPLOY, input=deployment(name="known-by-name"))
    assert [pod.name for pod in talk.server.running] == ["known-by-name"]


@pytest.mark.parametrize("what", ["reset", "timeout", "502", "errors", "null", "429", "no_capacity"])
def test_before_the_effect_nothing_is_there(talk: Talk, what: str) -> None:
    talk.server.fault("create", what)
    try:
        answer = talk.rest("POST", "/pods", creation())
    except httpx.TransportError:
        answer = None
    assert answer is None or answer.status_code != 201
    assert not talk.server.pods


@pytest.mark.parametrize(("what", "status"), STATUSES.items())
def test_graphql_answers_with_what_was_laid_down(talk: Talk, what: str, status: int) -> None:
    talk.server.fault("get", what)
    answer = talk.post(GET, id="x")
    assert answer.status_code == status
    if what in ("502", "503", "524", "html"):
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.text.startswith("<!DOCTYPE html>")
    elif what == "null":
        assert answer.json() == {"data": {"pod": None}}
    else:
        assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(("what", "status"), {**STATUSES, "errors": 500}.items())
def test_rest_answers_with_what_was_laid_down(talk: Talk, what: str, status: int) -> None:
    talk.server.fault("list", what)
    answer = talk.rest("GET", "/pods")
    assert answer.status_code == status
    if what in ("502", "503", "524", "html"):
        assert answer.text.startswith("<!DOCTYPE html>")
    elif what == "null":
        assert answer.json() is None
    else:
        assert answer.json()["status"] == status


def test_a_rate_limit_says_how_long_to_wait(talk: Talk) -> None:
    talk.server.fault("list", "429", retry_after_seconds=7, times=2)
    assert talk.rest("GET", "/pods").headers["Retry-After"] == "7"
    assert talk.post("{ myself { pods { id } } }").headers["Retry-After"] == "7"
    assert "Retry-After" not in talk.rest("GET", "/pods").headers


def test_words_and_codes_may_be_others(talk: Talk) -> None:
    talk.server.fault("create", "errors", message="out of stock", code="RUNPOD")
    assert talk.error(DEPLOY, input=deployment()) == {
        "message": "out of stock",
        "extensions": {"code": "RUNPOD"},
        "path": ["podFindAndDeployOnDemand"],
    }


@pytest.mark.parametrize(
    ("what", "status", "words"),
    [("no_capacity", 400, "no longer any instances"), ("balance", 402, "balance is too low"), ("spending_limit", 400, "spending limit")],
)
def test_a_cause_has_its_own_words_in_either_api(talk: Talk, what: str, status: int, words: str) -> None:
    talk.server.fault("create", what, times=2)
    assert words in talk.error(DEPLOY, input=deployment())["message"]
    answer = talk.rest("POST", "/pods", creation())
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True)


def test_a_late_rent_shows_only_then_and_is_paid_from_then(talk: Talk, clock: VirtualClock) -> None:
    talk.server.fault("create", "late", seconds=90)
    with pytest.raises(httpx.TransportError):
        talk.post(DEPLOY, input=deployment(name="late", containerDiskInGb=0))
    clock.sleep(89)
    assert not talk.server.pods
    clock.sleep(11)
    (pod,) = talk.server.running
    assert pod.name == "late"
    assert talk.server.book[pod.id].seconds(clock.true_now()) == pytest.approx(10)


def test_a_fault_strikes_as_often_as_was_said_after_as_many_as_go_well_on_the_way_that_is_meant(talk: Talk) -> None:
    fault = talk.server.fault("list", "500", times=2, skip=1, via="rest")
    assert [talk.rest("GET", "/pods").status_code for _ in range(4)] == [200, 500, 500, 200]
    assert talk.post("{ myself { pods { id } } }").status_code == 200
    assert fault.happened == 2


def test_a_retired_api_is_gone_for_good_and_the_other_goes_on(talk: Talk) -> None:
    talk.server.fault("any", "410", times=None, via="graphql")
    assert [talk.post("{ myself { id } }").status_code for _ in range(3)] == [410] * 3
    assert talk.rest("GET", "/pods").status_code == 200
    talk.server.faults.clear()
    assert talk.post("{ myself { id } }").status_code == 200


def test_stops_and_ends_strike_in_either_api(talk: Talk) -> None:
    pod = talk.deploy()
    talk.server.fault(("stop", "terminate"), "500", times=4)
    answers = [
        talk.post(STOP, id=pod["id"]),
        talk.post(TERMINATE, id=pod["id"]),
        talk.rest("POST", f"/pods/{pod['id']}/action", {"action": "stop"}),
        talk.rest("DELETE", f"/pods/{pod['id']}"),
    ]
    assert [answer.status_code for answer in answers] == [500] * 4
    assert len(talk.server.running) == 1


def test_something_may_happen_between_effect_and_answer(talk: Talk, clock: VirtualClock) -> None:
    talk.server.fault("create", "502_after_effect", then=lambda: clock.sleep(60))
    assert talk.rest("POST", "/pods", creation()).status_code == 502
    (pod,) = talk.server.running
    assert clock.true_now() - pod.created_at == 60


def test_a_document_that_does_not_fit_is_refused_whatever_was_laid_down(talk: Talk) -> None:
    talk.server.fault("any", "500")
    assert talk.post("{ podz { id } }").status_code == 400
    assert talk.post("{ myself { id } }").status_code == 500


def test_when_nobody_listens_connections_are_refused_and_the_pods_live_on(talk: Talk) -> None:
    pod = talk.deploy()
    with talk.server.unreachable(), pytest.raises(httpx.ConnectError):
        talk.rest("GET", "/pods")
    assert [known["id"] for known in talk.rest("GET", "/pods").json()["pods"]] == [pod["id"]]


def test_every_call_is_noted_with_what_it_was_about(talk: Talk) -> None:
    talk.server.fault("get", "timeout")
    talk.data("{ myself { id clientBalance pods { id } networkVolumes { id } } gpuTypes { id } }")
    with pytest.raises(httpx.TransportError):
        talk.rest("GET", "/pods/x")
    first, second = talk.server.calls
    assert (first.via, first.operations, first.status) == ("graphql", {"account", "list", "volumes", "offers"}, 200)
    assert (second.via, second.operations, second.status, second.fault) == ("rest", {"get"}, 0, "timeout")
    assert talk.server.called("list") == [first]


@pytest.mark.parametrize(("on", "what"), [("lists", "500"), ("list", "501")])
def test_a_fault_that_could_never_strike_is_no_fault(talk: Talk, on: str, what: str) -> None:
    with pytest.raises(AssertionError):
        talk.server.fault(on, what)


@pytest.mark.parametrize("via", ["graphql", "rest"])
def test_whoever_calls_too_often_is_told_to_wait_for_the_next_minute(talk: Talk, clock: VirtualClock, via: str) -> None:
    talk.server.calls_a_minute = 2
    clock.sleep(60 - clock.true_now() % 60 + 15)

    def call() -> httpx.Response:
        return talk.rest("GET", "/pods") if via == "rest" else talk.post("{ myself { id } }")

    assert [call().status_code for _ in range(3)] == [200, 200, 429]
    assert call().headers["Retry-After"] == "45"
    clock.sleep(45)
    assert call().status_code == 200
