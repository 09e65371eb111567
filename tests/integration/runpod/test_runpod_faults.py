"""The contract of both transports: what is told when RunPod, or what lies between, fails; and that no failure reads as "none"."""

import pytest
from tests.integration.runpod.conftest import order

from fluxctl.errors import ExitCode, FluxctlError, NotConfirmedError
from fluxctl.providers.runpod import errors
from fluxctl.providers.runpod.retrying import MOST_TRIES

FOR_EVER = None
READS = {
    "list": lambda api: api.rentals(),
    "get": lambda api: api.rental("somepod"),
    "offers": lambda api: api.offers(),
    "terminate": lambda api: api.terminate("somepod"),
}
PASSING = ["500", "502", "503", "524", "html", "429", "reset", "timeout", "cut"]


def attempts(server, on):
    return len(server.called(on))


@pytest.mark.parametrize("what", PASSING)
@pytest.mark.parametrize("on", READS)
def test_a_question_is_asked_again_after_a_trouble_that_passes(api, server, on, what):
    server.fault(on, what, times=2)
    READS[on](api)
    assert attempts(server, on) >= 3


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("500", errors.UnreachableError),
        ("502", errors.UnreachableError),
        ("html", errors.UnreachableError),
        ("timeout", errors.UnreachableError),
        ("cut", errors.UnreachableError),
        ("429", errors.RateLimitedError),
        ("401", errors.KeyRefusedError),
        ("403", errors.RightsError),
        ("unauthorized", errors.RightsError),
        ("errors", errors.UnreachableError),
    ],
)
@pytest.mark.parametrize("on", ["list", "get", "offers"])
def test_what_stays_wrong_is_an_error_and_never_an_empty_list(api, server, on, what, error):
    server.fault(on, what, times=FOR_EVER)
    with pytest.raises(error) as caught:
        READS[on](api)
    assert caught.value.hint
    assert attempts(server, on) <= 2 * MOST_TRIES


@pytest.mark.parametrize("on", ["list", "get"])
def test_an_answer_of_nothing_is_not_an_answer_of_none(api, server, on):
    server.fault(on, "null", times=FOR_EVER)
    with pytest.raises((errors.RightsError, errors.UnknownAnswerError, errors.UnreachableError)):
        READS[on](api)


def test_a_key_that_sees_nothing_is_told_and_does_not_read_as_no_pods(tenant, server, transport):
    made = tenant.open(transport).create(order())
    restricted = tenant.open(transport, RUNPOD_API_KEY=server.add_key("restricted"))
    with pytest.raises(errors.RightsError):
        restricted.rentals()
    with pytest.raises(errors.RightsError):
        restricted.rental(made.id)
    with pytest.raises(errors.RightsError):
        restricted.account()


def test_a_wrong_key_is_a_matter_of_settings(tenant, transport):
    with pytest.raises(errors.KeyRefusedError) as caught:
        tenant.open(transport, RUNPOD_API_KEY="rpa_wrong").account()
    assert caught.value.exit_code is ExitCode.SETTINGS
    assert "rpa_wrong" not in caught.value.message + caught.value.hint


def test_a_long_wait_that_runpod_asks_for_is_told_and_not_waited(api, server, clock):
    server.fault("list", "429", times=FOR_EVER, retry_after_seconds=300)
    with pytest.raises(errors.RateLimitedError) as caught:
        api.rentals()
    assert caught.value.retry_after_seconds == 300
    assert "300 s" in caught.value.hint
    assert clock.monotonic() < 1


def test_a_short_wait_that_runpod_asks_for_is_kept(api, server, clock):
    server.fault("list", "429", retry_after_seconds=7)
    assert api.rentals() == ()
    assert 7 <= clock.monotonic() < 9


@pytest.mark.parametrize(
    ("what", "error", "code"),
    [
        ("no_capacity", errors.NoCapacityError, "no_capacity"),
        ("machine_full", errors.NoCapacityError, "no_capacity"),
        ("no_cuda_host", errors.NoCapacityError, "no_capacity"),
        ("balance", errors.BalanceTooLowError, "balance"),
        ("spending_limit", errors.SpendingLimitError, "spending_limit"),
        ("401", errors.KeyRefusedError, "key_refused"),
        ("403", errors.RightsError, "rights"),
        ("volume_not_found", errors.MarketError, "market_error"),
    ],
)
def test_an_order_that_is_refused_with_a_reason_has_made_nothing(api, server, what, error, code):
    server.fault("create", what)
    with pytest.raises(error) as caught:
        api.create(order())
    assert caught.value.code == code
    assert not isinstance(caught.value, NotConfirmedError)
    assert attempts(server, "create") == 1
    assert not server.running


def test_rest_s_refusal_of_an_order_in_unknown_words_may_be_no_capacity_too(tenant, server):
    server.fault("create", "broken_rule", message="could not be placed", via="rest")
    with pytest.raises(errors.NoCapacityError, match="could not be placed"):
        tenant.open("rest").create(order())


def test_a_price_that_has_risen_above_the_ceiling_since_it_was_shown_is_not_paid(tenant, server):
    api = tenant.open("graphql")
    api.create(order(maximum_price_per_hour_usd=0.86))
    server.price("NVIDIA L40S", secure=2.5)
    with pytest.raises(errors.NoCapacityError):
        api.create(order(name="fluxctl-0a1b2c3d-55556666", maximum_price_per_hour_usd=0.86))
    assert len(server.running) == 1


@pytest.mark.parametrize("after", ["", "_after_effect"])
@pytest.mark.parametrize("what", ["timeout", "reset", "cut", "500", "502", "524", "429", "html", "errors"])
def test_an_order_whose_outcome_is_not_known_is_told_so_and_never_sent_twice(api, server, what, after):
    server.fault("create", what + after)
    with pytest.raises(errors.UnknownOutcomeError) as caught:
        api.create(order())
    assert "fluxctl-0a1b2c3d-11112222" in caught.value.message
    assert attempts(server, "create") == 1
    assert len(server.running) == (1 if after or what == "cut" else 0)


@pytest.mark.parametrize("after", ["", "_after_effect"])
def test_a_reply_without_a_pod_proves_nothing(api, server, after):
    server.fault("create", "null" + after)
    with pytest.raises(errors.UnknownOutcomeError) as caught:
        api.create(order())
    assert caught.value.without_a_pod or "page" in caught.value.message
    assert attempts(server, "create") == 1


def test_an_order_that_nobody_took_has_made_nothing(api, server):
    with server.unreachable(), pytest.raises(errors.UnreachableError):
        api.create(order())


def test_a_start_is_never_sent_twice(api, server):
    server.fault("start", "500", times=FOR_EVER)
    made = api.create(order(volume_disk_gb=20))
    with pytest.raises(errors.UnreachableError):
        api.start(made.id)
    assert attempts(server, "start") == 1


@pytest.mark.parametrize("after", ["", "_after_effect"])
@pytest.mark.parametrize("what", PASSING)
def test_the_end_of_a_pod_is_asked_for_until_runpod_takes_it(api, server, later, what, after):
    made = api.create(order())
    later(30)
    server.fault("terminate", what + after, times=2)
    api.terminate(made.id)
    assert not server.running


def test_no_connection_is_told_after_some_tries(api, server, clock):
    with server.unreachable(), pytest.raises(errors.UnreachableError, match="no connection"):
        api.rentals()
    assert clock.monotonic() < 10


def test_every_error_of_a_call_has_an_exit_code_a_sentence_and_a_next_step(api, server):
    for what in ("500", "429", "401", "403", "html"):
        server.fault("list", what, times=MOST_TRIES)
        with pytest.raises(FluxctlError) as caught:
            api.rentals()
        server.faults.clear()
        assert caught.value.message.startswith("RunPod did not list the pods: ")
        assert caught.value.hint
