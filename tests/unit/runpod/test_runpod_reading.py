"""Answers of an odd form: what is there is read, what is not is never made up."""

import json

import pytest

from fluxctl.errors import SettingsError
from fluxctl.pods.rental import RentalState
from fluxctl.providers.runpod import from_graphql, from_rest
from fluxctl.providers.runpod.access import access_from
from fluxctl.providers.runpod.answer import Answer
from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.providers.runpod.classify import trouble_of
from fluxctl.providers.runpod.errors import UnknownOutcomeError
from fluxctl.providers.runpod.order_reply import pod_of_order
from fluxctl.providers.runpod.times import ServerClock, seconds_of
from fluxctl.settings.gpu_types import gpu_types_of

ORDER = CreateOrder("fluxctl-0a1b2c3d-11112222", "image", "NVIDIA L40S", "secure", 60, {"FLUXPOD_OWNER_ID": "owner-1"})


def answered(body: object) -> Answer:
    return Answer(200, {}, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("pod", "state"),
    [
        ({"desiredStatus": "RUNNING", "runtime": None}, RentalState.STARTING),
        ({"desiredStatus": "RUNNING", "runtime": {"ports": None}}, RentalState.RUNNING),
        ({"desiredStatus": "EXITED", "runtime": {"ports": []}}, RentalState.STOPPED),
        ({"desiredStatus": "TERMINATED"}, RentalState.GONE),
        *(({"desiredStatus": word}, RentalState.UNKNOWN) for word in ("CREATED", "RESTARTING", "PAUSED", "DEAD", "NEWWORD", None)),
    ],
)
def test_graphql_s_states_are_read_desired_first_and_none_is_guessed(pod, state):
    assert from_graphql.rental_of({"id": "x", **pod}).state is state


@pytest.mark.parametrize(
    ("pod", "state"),
    [
        ({"status": "PROVISIONING", "runtime": {}}, RentalState.STARTING),
        ({"status": "RUNNING", "runtime": None, "ssh": {"direct": None}}, RentalState.STARTING),
        ({"status": "RUNNING", "runtime": {}, "ssh": {"direct": None}}, RentalState.STARTING),
        ({"status": "RUNNING", "runtime": {"uptime": 3}}, RentalState.RUNNING),
        ({"status": "RUNNING", "runtime": None, "ssh": {"direct": {"host": "1.2.3.4", "port": 34446}}}, RentalState.RUNNING),
        ({"status": "ERROR"}, RentalState.STOPPED),
        ({"status": "TERMINATED"}, RentalState.GONE),
        ({"status": "NEWWORD"}, RentalState.UNKNOWN),
    ],
)
def test_rest_s_states_are_not_read_from_the_status_alone(pod, state):
    assert from_rest.rental_of({"id": "x", **pod}).state is state


def test_what_a_pod_costs_is_told_until_runpod_says_that_it_has_ended():
    for state, price in (("RUNNING", 0.8), ("RESTARTING", 0.8), ("EXITED", None), ("TERMINATED", None)):
        assert from_graphql.rental_of({"id": "x", "desiredStatus": state, "costPerHr": 0.8}).price_per_hour_usd == price
    for state, cost, price in (("RUNNING", 0.8, 0.8), ("ERROR", 0.8, 0.8), ("NEWWORD", 0.8, 0.8), ("EXITED", 0.0, None)):
        assert from_rest.rental_of({"id": "x", "status": state, "cost": cost}).price_per_hour_usd == price


@pytest.mark.parametrize("body", [{"id": "req-1", "title": "Trouble", "status": 500, "detail": "x"}, {"id": "req-1", "message": "x"}])
def test_the_id_in_an_error_is_neither_a_pod_nor_a_volume(body):
    answer = Answer(500, {}, json.dumps(body).encode())
    assert from_rest.rental_in(answer) is None
    assert from_rest.volume_in(answer) is None


def test_only_a_public_tcp_port_22_is_an_address():
    ports = [
        {"ip": "100.65.0.7", "isIpPublic": False, "privatePort": 22, "publicPort": 60001, "type": "tcp"},
        {"ip": "1.2.3.4", "isIpPublic": True, "privatePort": 8000, "publicPort": 60002, "type": "http"},
        {"ip": "1.2.3.4", "isIpPublic": True, "privatePort": 22, "publicPort": None, "type": "tcp"},
        {"ip": "1.2.3.4", "isIpPublic": True, "privatePort": 22, "publicPort": 60003, "type": "tcp"},
    ]
    found = from_graphql.rental_of({"id": "x", "desiredStatus": "RUNNING", "runtime": {"ports": ports}})
    assert (found.ssh_host, found.ssh_port) == ("1.2.3.4", 60003)
    stale = from_graphql.rental_of({"id": "x", "desiredStatus": "EXITED", "runtime": {"ports": ports}})
    assert (stale.ssh_host, stale.ssh_port) == (None, None)


def test_a_value_of_the_environment_keeps_its_equals_signs():
    found = from_graphql.rental_of({"id": "x", "env": ["A=b=c==", "EMPTY=", "no pair", 5]})
    assert found.environment == {"A": "b=c==", "EMPTY": ""}


@pytest.mark.parametrize("pods", [None, {}, "x", [{"id": "a"}, None], [{"name": "without an id"}]])
def test_a_list_of_which_a_part_cannot_be_read_is_no_list(pods):
    assert from_graphql.rentals_of(answered({"data": {"myself": {"id": "u", "pods": pods}}})) is None
    assert from_rest.rentals_of(answered({"pods": pods})) is None


def test_a_pod_that_is_named_was_made_whatever_else_went_wrong():
    body = {"data": {"podFindAndDeployOnDemand": {"id": "newpod"}}, "errors": [{"message": "Something went wrong.", "path": ["machine"]}]}
    answer = answered(body)
    made = pod_of_order(ORDER, from_graphql.rental_in(answer, "podFindAndDeployOnDemand"), trouble_of(answer))
    assert (made.id, made.name, made.owner_id) == ("newpod", ORDER.name, "owner-1")


def test_no_pod_and_no_trouble_is_no_proof():
    with pytest.raises(UnknownOutcomeError) as caught:
        pod_of_order(ORDER, None, None)
    assert caught.value.without_a_pod


def test_a_restricted_key_s_null_account_is_seen():
    assert not from_graphql.sees_account(answered({"data": {"myself": None, "pod": None}}))
    assert from_graphql.sees_account(answered({"data": {"myself": {"id": "u"}, "pod": None}}))


@pytest.mark.parametrize("said", ["2026-07-29T21:51:59.000Z", "2026-07-29T21:51:59Z", "2026-07-29T21:51:59+00:00", "2026-07-29 21:51:59"])
def test_times_are_read_in_every_spelling(said):
    assert seconds_of(said) == 1785361919


@pytest.mark.parametrize("said", [None, "", "yesterday", 5, {}, "0001-01-01T00:00:00Z"])
def test_what_is_no_time_is_none(said):
    assert seconds_of(said) is None


def test_an_answer_without_a_date_leaves_the_clock_as_it_was():
    clock = ServerClock()
    clock.note(Answer(200, {"date": "Mon, 21 Sep 2026 14:13:20 GMT"}), 9.0, 11.0)
    known = clock.skew_seconds(0.0, 10.0)
    assert known == 1_790_000_000.5
    clock.note(Answer(200), 0, 0)
    clock.note(Answer(200, {"date": "nonsense"}), 0, 0)
    assert clock.skew_seconds(0.0, 10.0) == known


def test_a_clock_of_ours_that_jumps_moves_nothing() -> None:
    clock = ServerClock()
    assert clock.skew_seconds(5.0, 1.0) == 0.0
    clock.note(Answer(200, {"date": "Mon, 21 Sep 2026 14:13:20 GMT"}), 9.0, 11.0)
    for wrong in (-100_000.0, 0.0, 100_000.0):
        now = 1_790_000_030.0 + wrong
        assert now + clock.skew_seconds(now, 40.0) == pytest.approx(1_790_000_030.5)


def test_gpu_types_are_taken_apart_in_order_each_once():
    assert gpu_types_of(" NVIDIA L40S,NVIDIA  A40 ,, NVIDIA L40S,") == ("NVIDIA L40S", "NVIDIA A40")


class _Key:
    def reveal(self):
        return "rpa_x"


class _Named:
    def __init__(self, **values):
        self.__dict__.update(values)


@pytest.mark.parametrize("base", ["nonsense", "ftp://x", "http://", "https://somebody:secret@host", "http://host:notaport"])
def test_a_base_url_that_is_none_is_refused_without_repeating_it(base):
    settings = _Named(secrets=_Named(runpod_api_key=_Key()))
    with pytest.raises(SettingsError) as caught:
        access_from(settings, {"RUNPOD_REST_BASE_URL": base})
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(("base", "url"), [("http://127.0.0.1:1", "http://127.0.0.1:1/v2"), ("http://h/v2/", "http://h/v2")])
def test_a_base_url_may_or_may_not_have_the_version(base, url):
    settings = _Named(secrets=_Named(runpod_api_key=_Key()))
    access = access_from(settings, {"RUNPOD_REST_BASE_URL": base, "RUNPOD_API_BASE_URL": "http://h/"})
    assert (access.rest_url, access.graphql_url) == (url, "http://h/graphql")
