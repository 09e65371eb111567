"""What each answer means: runpod.md's table of errors, row by row, on either API."""

import json
from typing import Any

import pytest

from fluxctl.providers.runpod.answer import Answer
from fluxctl.providers.runpod.classify import Kind, Trouble, passes, trouble_of
from fluxctl.providers.runpod.refusal import error_of
from fluxctl.providers.runpod.retrying import LONGEST_PAUSE_SECONDS, pause_before_next

PAGE = b"<html><title>just a moment</title></html>"
TEXTS = [
    ("There are no longer any instances available with the requested specifications. Please refresh and try again.", Kind.CAPACITY),
    ("This machine does not have the resources to deploy your pod. Please try a different machine", Kind.CAPACITY),
    ("There are not enough free GPUs on the host machine to start this pod.", Kind.CAPACITY),
    ("start pod: There are not enough free GPUs on the host machine to start this pod.", Kind.CAPACITY),
    ("No compatible CUDA host is currently available.", Kind.CAPACITY),
    ("no machines available", Kind.CAPACITY),
    ("no gpus available", Kind.CAPACITY),
    ("insufficient capacity", Kind.CAPACITY),
    ("no available machine", Kind.CAPACITY),
    ("OUT OF STOCK", Kind.CAPACITY),
    ("Your account balance is too low to rent a pod. Please add funds to your account.", Kind.BALANCE),
    ("INSUFFICIENT_BALANCE: Renting this pod would put you over your current spending limit ($80/hr)", Kind.SPENDING_LIMIT),
    ("The GraphQL API has been retired", Kind.RETIRED),
]


def graphql(message: str, code: str = "", status: int = 200, data: Any = None) -> Answer:
    error = {"message": message, **({"extensions": {"code": code}} if code else {})}
    return Answer(status, {}, json.dumps({"errors": [error], "data": data}).encode())


def problem(status: int, detail: str, **headers: str) -> Answer:
    body = {"title": "Trouble", "status": status, "detail": detail}
    return Answer(status, headers, json.dumps(body).encode())


def found(answer: Answer) -> Trouble:
    trouble = trouble_of(answer)
    assert trouble is not None
    return trouble


@pytest.mark.parametrize(("text", "kind"), TEXTS)
@pytest.mark.parametrize("spelled", [str, str.upper, str.lower])
def test_a_known_text_means_the_same_on_both_and_proves_that_nothing_was_made(text, kind, spelled):
    for answer in (graphql(spelled(text)), problem(400, spelled(text)), graphql(spelled(text), "INTERNAL_SERVER_ERROR")):
        assert (found(answer).kind, found(answer).proves_nothing_made) == (kind, True)


def test_the_old_wrapping_of_too_low_a_balance_in_a_500_is_known_too():
    old = Answer(500, {}, json.dumps({"error": "create pod: Your account balance is too low to rent a pod.", "status": 500}).encode())
    assert (found(old).kind, found(old).proves_nothing_made) == (Kind.BALANCE, True)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (graphql("pod not found to terminate", "POD_NOT_FOUND"), Kind.NOT_FOUND),
        (graphql("pod not found to terminate"), Kind.NOT_FOUND),
        (graphql("Unauthorized"), Kind.RIGHTS),
        (graphql("Unauthorized", "INTERNAL_SERVER_ERROR"), Kind.RIGHTS),
        (graphql("nobody", "UNAUTHENTICATED"), Kind.KEY),
        (graphql('Cannot query field "x" on type "Pod".', "GRAPHQL_VALIDATION_FAILED", 400), Kind.REFUSED),
        (graphql("Something went wrong. Please try again later or contact support.", "INTERNAL_SERVER_ERROR"), Kind.TRANSIENT),
        (graphql("Something went wrong. Please try again later or contact support."), Kind.TRANSIENT),
        (graphql("a sentence that nobody has seen before"), Kind.UNKNOWN),
        (problem(401, "missing bearer token"), Kind.KEY),
        (problem(402, "payment required"), Kind.BALANCE),
        (problem(403, "access denied"), Kind.RIGHTS),
        (problem(404, "pod not found"), Kind.NOT_FOUND),
        (problem(409, "not now"), Kind.WRONG_STATE),
        (problem(410, "gone"), Kind.RETIRED),
        (problem(422, "additional properties"), Kind.REFUSED),
        (problem(429, "rate limit exceeded for the minute window"), Kind.RATE_LIMIT),
        (problem(503, "service unavailable"), Kind.TRANSIENT),
        (Answer(401, {}, PAGE), Kind.KEY),
        (Answer(403, {}, b"error code: 1010"), Kind.PROXY),
        (Answer(404, {}, PAGE), Kind.PROXY),
        (Answer(404, {}, b'{"message": "no Route matched with those values"}'), Kind.PROXY),
        (Answer(410, {}, PAGE), Kind.RETIRED),
        (Answer(429, {}, PAGE), Kind.RATE_LIMIT),
        (Answer(502, {}, PAGE), Kind.PROXY),
        (Answer(524, {}, PAGE), Kind.PROXY),
        (Answer(200, {}, PAGE), Kind.PROXY),
        (Answer(200, {}, b""), Kind.PROXY),
        (Answer(200, {}, b"[]"), Kind.PROXY),
        (Answer(302, {"location": "https://elsewhere"}, b""), Kind.PROXY),
        (Answer(None, failure="no connection", sent=False), Kind.NOT_SENT),
        (Answer(None, failure="no answer within 30 s"), Kind.NO_ANSWER),
    ],
)
def test_each_answer_has_its_kind(answer, kind):
    assert found(answer).kind is kind


@pytest.mark.parametrize("answer", [Answer(204), Answer(200, {}, b'{"data": {"podTerminate": null}}'), Answer(201, {}, b'{"id": "x"}')])
def test_a_good_answer_has_no_trouble(answer):
    assert trouble_of(answer) is None


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 524, 200, 302])
def test_an_order_is_left_open_by_a_page_or_an_answer_that_decides_nothing(status):
    assert not found(Answer(status, {}, PAGE)).proves_nothing_made
    assert not found(problem(status, "?") if status >= 300 else graphql("?")).proves_nothing_made


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 410, 413, 422])
def test_an_order_is_decided_by_any_other_refusal_of_the_request(status):
    assert found(problem(status, "?")).proves_nothing_made


def test_a_conflict_leaves_an_order_open():
    assert not found(problem(409, "?")).proves_nothing_made


@pytest.mark.parametrize(
    "text", ["GPU type NVIDIA L40S has been retired", "the data center EU-RO-1 was decommissioned", "the host has been shut down"]
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_what_was_retired_is_the_api_only_where_the_words_say_so(text, status):
    assert found(graphql(text, "", status)).kind is not Kind.RETIRED
    assert found(problem(max(status, 400), text)).kind is not Kind.RETIRED


@pytest.mark.parametrize("text", ["This API has been retired", "The GraphQL endpoint is retired; use REST v2", "GraphQL was sunset"])
def test_the_end_of_the_api_is_known_by_its_words_too(text):
    assert found(graphql(text)).kind is Kind.RETIRED


def test_an_error_of_a_part_of_the_pod_neither_proves_that_none_was_made_nor_that_there_is_none():
    for words, code in (
        ("Unauthorized", ""),
        ("machine not found", "NOT_FOUND"),
        ("pod not found", "POD_NOT_FOUND"),
        ("x", "BAD_USER_INPUT"),
    ):
        error = {"message": words, "path": ["podFindAndDeployOnDemand", "machine"], "extensions": {"code": code}}
        inside = Answer(200, {}, json.dumps({"errors": [error], "data": {"podFindAndDeployOnDemand": None}}).encode())
        assert not found(inside).proves_nothing_made
        assert found(inside).kind is not Kind.NOT_FOUND
    whole = {"message": "Unauthorized", "path": ["podFindAndDeployOnDemand"]}
    assert found(Answer(200, {}, json.dumps({"errors": [whole], "data": None}).encode())).proves_nothing_made


def test_a_gateway_that_has_no_host_proves_nothing_of_the_order_that_it_may_have_passed_on():
    for words in ("no hosts available", "insufficient resources", "forbidden", "no instances available"):
        assert not found(problem(503, words)).proves_nothing_made
        assert not found(graphql(words, "", 502)).proves_nothing_made


@pytest.mark.parametrize(
    "text",
    [
        "pod not found",
        "Pod abc123 not found",
        "pod 'abc123' does not exist",
        "terminate pod: pod not found",
        "Pod with id abc was not found",
    ],
)
def test_there_is_no_such_pod_only_by_words_about_the_pod_itself(text):
    assert found(graphql(text)).kind is Kind.NOT_FOUND


@pytest.mark.parametrize(
    "text",
    ["Pod host machine not found", "the network volume of pod abc does not exist", "machine for pod abc not found", "user not found"],
)
def test_what_belongs_to_a_pod_and_is_not_found_says_nothing_of_the_pod(text):
    assert found(graphql(text)).kind is not Kind.NOT_FOUND


def test_only_a_call_that_was_never_sent_proves_itself_undone():
    assert found(Answer(None, sent=False)).proves_nothing_made
    assert not found(Answer(None)).proves_nothing_made


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_becomes_an_error_with_a_sentence_a_next_step_and_a_code(kind):
    error = error_of("list the pods", Trouble(kind, "words of theirs", 400))
    assert error.message.startswith("RunPod did not list the pods: ")
    assert error.hint
    assert error.code


def test_what_passes_is_waited_for_and_nothing_else():
    waits = [kind for kind in Kind if passes(Trouble(kind, "", 200))]
    assert set(waits) == {Kind.RATE_LIMIT, Kind.TRANSIENT, Kind.NOT_SENT, Kind.NO_ANSWER, Kind.PROXY}
    assert not passes(Trouble(Kind.PROXY, "", 403))


def test_a_pause_is_as_long_as_runpod_asks_but_not_longer_than_somebody_waits():
    asked = Trouble(Kind.RATE_LIMIT, "", 429, retry_after_seconds=7)
    assert pause_before_next(asked, 0.5) == 7
    assert pause_before_next(Trouble(Kind.TRANSIENT, "", 503), 0.5) == 0.5
    assert pause_before_next(Trouble(Kind.RATE_LIMIT, "", 429, LONGEST_PAUSE_SECONDS + 1), 0.5) is None
    assert pause_before_next(Trouble(Kind.KEY, "", 401), 0.5) is None
    assert pause_before_next(None, 0.5) is None


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("12", 12), ("0", 0), ("-5", 0), ("99999999", 3600), ("soon", None), ("", None), ("nan", None), ("inf", None)],
)
def test_how_long_to_wait_is_read_from_the_header(said, seconds):
    assert Answer(429, {"retry-after": said}).retry_after_seconds == seconds


def test_a_date_to_wait_for_is_read_by_the_other_side_s_own_clock():
    headers = {"retry-after": "Tue, 24 Nov 2026 00:00:30 GMT", "date": "Tue, 24 Nov 2026 00:00:00 GMT"}
    assert Answer(429, headers).retry_after_seconds == 30
