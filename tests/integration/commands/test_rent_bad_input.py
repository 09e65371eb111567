"""What is typed wrong, or cannot be: one message that says what to do, the right exit code, and nothing is rented."""

import json

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.integration.commands.conftest import Type
from tests.support.renter import Renter, plan
from tests.support.shell import Shell


@pytest.mark.parametrize("transport", ["graphql", "rest"])
@pytest.mark.parametrize(
    ("rights", "said"),
    [("restricted", "did not list the pods: RUNPOD_API_KEY may not do that"), ("read", "RUNPOD_API_KEY may not do that")],
)
def test_a_key_with_too_few_rights_rents_nothing(
    typed: Type, server: CloudServer, shell: Shell, transport: str, rights: str, said: str
) -> None:
    shell.variables |= {"RUNPOD_API_KEY": server.add_key(rights), "FLUXCTL_RUNPOD__TRANSPORT": transport}
    done = typed("up", "--yes", "--json")
    assert (done.code, said in done.document["error"]["message"]) == (4, True), done.err
    assert "give the key read and write access" in done.err
    assert not server.pods


@pytest.mark.parametrize("command", [("up", "--yes"), ("gen", "a", "--yes"), ("gpus",), ("sweep",), ("status", "--provider", "runpod")])
@pytest.mark.parametrize(("key", "said"), [("", "RUNPOD_API_KEY is not set"), ("rpa_wrong", "it refuses RUNPOD_API_KEY (401)")])
def test_without_a_key_or_with_a_wrong_one_it_is_said_where_keys_are_made(
    typed: Type, server: CloudServer, shell: Shell, command: tuple[str, ...], key: str, said: str
) -> None:
    del shell.variables["RUNPOD_API_KEY"]
    shell.variables |= {"FLUXCTL_PROVIDER": "runpod", **({"RUNPOD_API_KEY": key} if key else {})}
    done = typed(*command)
    assert (done.code, said in done.err) == (3, True), done.err
    assert "keys are made at https://console.runpod.io" in done.err
    assert not server.pods


def test_a_balance_below_an_hours_price_is_said_before_anything_is_asked(typed: Type, server: CloudServer) -> None:
    server.balance(0.1)
    done = typed("up")
    assert (done.code, "the account's balance of $0.10 is not enough" in done.err) == (4, True)
    assert "add funds: https://console.runpod.io/user/billing" in done.err
    assert not server.called("create")


@pytest.mark.parametrize("what", ["balance", "spending_limit"])
def test_what_runpod_says_of_money_at_the_order_ends_it(typed: Type, server: CloudServer, what: str) -> None:
    server.fault("create", what)
    done = typed("up", "--yes")
    assert (done.code, len(server.called("create")), len(server.pods)) == (4, 1, 0)
    assert "console.runpod.io/user/billing" in done.err
    assert "(200)" not in done.err


def test_no_capacity_at_the_order_tells_each_try(typed: Type, server: CloudServer) -> None:
    server.fault("create", "no_capacity", times=2)
    done = typed("up", "--yes", "--gpu", "L40S", "--gpu", "A40")
    assert done.code == 5
    assert "ordered: L40S at $0.86/h" in done.err
    assert "ordered: A40 at $0.44/h" in done.err
    assert done.err.count("no longer any instances") == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--max-hours", "0"), 2, "--max-hours is hours, at least 0.1"),
        (("--max-hours", "-3"), 2, "--max-hours is hours"),
        (("--max-hours", "0.001"), 2, "a pod needs minutes to come up"),
        (("--max-hours", "721"), 2, "at most 720"),
        (("--max-hours", "nan"), 2, "--max-hours is hours"),
        (("--max-hours", "two"), 2, "--max-hours"),
        (("--max-price", "0"), 2, "--max-price is dollars an hour"),
        (("--max-price", "nan"), 2, "--max-price is dollars an hour"),
        (("--gpu", " "), 2, "--gpu is empty"),
        (("--data-center", "EU-RO-9"), 2, "no data centre EU-RO-9; did you mean EU-RO-1"),
        (("--model", "FLUX.1-dev"), 3, "FLUX.1-dev is gated at Hugging Face, and HF_TOKEN is not set"),
        (("--model", "FLUX"), 2, "unknown model FLUX"),
        (("--provider", "runpodd"), 2, "did you mean runpod?"),
    ],
)
def test_a_wrong_wish_is_refused_with_what_would_be_right(
    typed: Type, server: CloudServer, words: tuple[str, ...], code: int, said: str
) -> None:
    done = typed("up", "--yes", *words)
    assert (done.code, said in done.err) == (code, True), done.err
    assert "\n→ " in done.err
    assert not server.called("create")


def test_a_price_ceiling_below_every_offer_names_each_price(typed: Type, server: CloudServer) -> None:
    done = typed("gen", "a", "--yes", "--max-price", "0.1", "--gpu", "L40S", "--gpu", "A40", "--json")
    assert (done.code, done.document["error"]["code"]) == (5, "no_capacity")
    assert "NVIDIA L40S: $0.86/h is over $0.10/h\n  NVIDIA A40: $0.44/h is over $0.10/h" in done.document["error"]["message"]
    assert not server.called("create")


def test_a_data_centre_may_be_typed_in_small_letters(typed: Type) -> None:
    done = typed("up", "--dry-run", "--json", "--data-center", "eu-ro-1", "--gpu", "L40S")
    assert done.document["plan"]["offers"][0]["data_center"] == "EU-RO-1"


def test_only_so_many_offers_are_shown_with_a_price_as_are_tried(typed: Type) -> None:
    quote = typed("up", "--dry-run", "--json").document["plan"]
    assert len(quote["offers"]) == 3
    assert quote["price_per_hour_usd"] == max(offer["price_per_hour_usd"] for offer in quote["offers"])
    assert all("only 3 are tried" in passed["reason"] for passed in quote["passed_over"])


def test_without_an_image_it_is_said_how_to_get_one(typed: Type, server: CloudServer, shell: Shell) -> None:
    del shell.variables["FLUXCTL_POD__IMAGE"]
    done = typed("up", "--yes")
    assert (done.code, "make push IMAGE=" in done.err) == (3, True), done.err
    assert not server.called("create")


def test_an_image_that_does_not_exist_is_not_rented_for(typed: Type, server: CloudServer, shell: Shell) -> None:
    shell.variables["FLUXCTL_POD__IMAGE"] += "x"
    done = typed("up", "--yes")
    assert (done.code, "does not exist" in done.err) == (4, True), done.err
    assert not server.called("create")


def test_a_volume_that_was_deleted_or_lies_elsewhere_is_said(typed: Type, server: CloudServer, shell: Shell) -> None:
    shell.variables["FLUXCTL_RUNPOD__VOLUME_ID"] = "gone"
    assert "no network volume gone" in typed("up", "--yes").err
    shell.variables["FLUXCTL_RUNPOD__VOLUME_ID"] = server.add_volume("flux", 80, "EU-RO-1").id
    done = typed("up", "--yes", "--data-center", "US-KS-2")
    assert (done.code, "lies in EU-RO-1, and a pod in US-KS-2 is asked for" in done.err) == (2, True), done.err
    assert not server.called("create")


def test_lines_of_the_older_tool_are_accepted_with_a_hint(typed: Type, shell: Shell) -> None:
    file = shell.config / "config.env"
    file.write_text("RUNPOD_HOST=1.2.3.4\nRUNPOD_PORT=22\n")
    file.chmod(0o600)
    done = typed("up", "--dry-run")
    assert done.code == 0
    assert "RUNPOD_HOST is not needed any more" in done.err


def test_a_key_of_another_account_never_says_that_nothing_runs(typed: Type, renter: Renter, server: CloudServer, shell: Shell) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod.id
    renter.clock.sleep(120)
    shell.variables["RUNPOD_API_KEY"] = server.add_key(account=server.add_account("other"))
    for words in (("up", "--yes"), ("status",), ("down",), ("gen", "a", "--yes")):
        done = typed(*words)
        assert (done.code in (4, 8), "another account" in done.err) == (True, True), json.dumps([words, done.err])
    assert [one.id for one in server.running] == [pod]


def test_logs_and_commands_without_a_pod_say_so(typed: Type) -> None:
    assert "nothing is running, so there is no log to follow" in typed("logs", "-f").err
    assert "nothing is running, so there is no log to follow" in typed("logs", "-f", "--system").err
    assert "no rented pod runs" in typed("logs").err
    for words in (("ssh", "--", "nproc"), ("sync",)):
        done = typed(*words)
        assert (done.code, "nothing is running (provider runpod)" in done.err) == (6, True)
    wrong = typed("image", "check", "not a name")
    assert (wrong.code, "'not a name' is no image's name" in wrong.err) == (2, True)
