"""Which way a call goes: GraphQL until it is no more, then REST for that process; and what each way sends."""

import json

import pytest
from tests.integration.runpod.conftest import order

from fluxctl.providers.runpod import errors, transport


@pytest.fixture(autouse=True)
def _every_test_is_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr(transport, "_retired", set())


def ways(server):
    return [call.via for call in server.called()]


def test_auto_is_graphql_for_as_long_as_it_is_there(tenant, server):
    api = tenant.open()
    api.rentals()
    assert (api.transport, ways(server)) == ("graphql", ["graphql"])


@pytest.mark.parametrize("on", ["list", "create", "terminate", "offers", "account"])
def test_from_the_first_answer_that_graphql_is_gone_everything_goes_over_rest(tenant, server, on):
    server.fault("any", "410", times=None, via="graphql")
    api = tenant.open()
    {
        "list": api.rentals,
        "create": lambda: api.create(order()),
        "terminate": lambda: api.terminate("somepod"),
        "offers": api.offers,
        "account": api.account,
    }[on]()
    api.rentals()
    assert api.transport == "rest"
    assert ways(server)[0] == "graphql"
    assert set(ways(server)[1:]) == {"rest"}


def test_the_words_that_graphql_was_retired_do_the_same_with_any_status(tenant, server):
    server.fault("list", "errors", via="graphql", message="The GraphQL API has been retired. Use REST v2.", times=None)
    api = tenant.open()
    assert api.rentals() == ()
    assert api.transport == "rest"


def test_an_order_that_fails_with_words_about_something_retired_is_not_placed_again_over_rest(tenant, server):
    server.fault("create", "errors_after_effect", via="graphql", message="The host has been shut down.")
    api = tenant.open()
    with pytest.raises(errors.UnknownOutcomeError):
        api.create(order())
    assert api.transport == "graphql"
    assert len(server.called("create")) == 1
    assert len(server.running) == 1


def test_another_way_to_the_same_account_in_the_process_knows_it_already(tenant, server):
    server.fault("list", "410", via="graphql")
    tenant.open().rentals()
    second = tenant.open()
    second.rentals()
    assert second.transport == "rest"
    assert ways(server) == ["graphql", "rest", "rest"]


def test_a_trouble_that_passes_does_not_change_the_way(tenant, server):
    server.fault("list", "502", via="graphql", times=2)
    api = tenant.open()
    api.rentals()
    assert api.transport == "graphql"


def test_who_insists_on_graphql_is_told_that_it_is_gone(tenant, server):
    server.fault("list", "410", via="graphql")
    with pytest.raises(errors.RetiredError) as caught:
        tenant.open("graphql").rentals()
    assert caught.value.hint.startswith("fluxctl config set runpod.transport rest")


def test_rest_alone_never_asks_graphql_nor_loads_the_sdk(tenant, server):
    api = tenant.open("rest")
    api.rentals()
    api.account()
    assert set(ways(server)) == {"rest"}


def test_a_pod_that_graphql_made_is_ended_over_rest(tenant, server):
    made = tenant.open("graphql").create(order())
    tenant.open("rest").terminate(made.id)
    assert not server.running


def test_credentials_of_a_registry_go_with_both(tenant, server, transport):
    server.account.registries["reg1"] = "ghcr"
    made = tenant.open(transport).create(order(registry_auth_id="reg1"))
    assert server.pods[made.id].order.registry_id == "reg1"


def test_a_volume_disk_goes_with_both(tenant, server, transport):
    made = tenant.open(transport).create(order(volume_disk_gb=20))
    assert (server.pods[made.id].order.volume_gb, server.pods[made.id].order.mount_path) == (20, "/workspace")


def test_the_market_s_own_timer_is_sent_where_it_can_be(tenant, server):
    made = tenant.open("graphql").create(order(terminate_after=1_790_003_600.0))
    assert server.pods[made.id].order.terminate_after == "2026-09-21T15:13:20Z"


def test_a_redirect_is_not_followed_with_the_key(tenant, server, transport):
    server.fault("list", "html", times=None, via=transport)
    with pytest.raises(errors.UnreachableError, match="something in between"):
        tenant.open(transport).rentals()


def test_a_login_in_netrc_does_not_take_the_place_of_the_key(tenant, server, transport, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password of-another-place\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert tenant.open(transport).rentals() == ()


def test_no_request_names_what_else_runs_here(tenant, server, transport):
    tenant.open(transport).rentals()
    assert json.dumps([str(call) for call in server.calls]).lower().count("language/python") == 0
