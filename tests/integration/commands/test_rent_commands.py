"""What is typed about rented pods: plan, question, dry run, ps, gpus, status, logs, down, sweep; no money without a yes."""

import json
from pathlib import Path

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.integration.commands.conftest import Type
from tests.support.renter import Renter, plan
from tests.support.shell import Shell


def rented(renter: Renter) -> str:
    """Rent a pod, and return its id."""
    return renter.provider().create(plan(), renter.hear).pod.id


@pytest.mark.parametrize("words", [("up",), ("gen", "a ring")])
def test_without_a_terminal_and_without_yes_nothing_is_rented(typed: Type, server: CloudServer, words: tuple[str, ...]) -> None:
    done = typed(*words)
    assert done.code == 10
    for said in ("provider runpod (RUNPOD_API_KEY is set)", "1. NVIDIA L40S", "/h at most", "--yes"):
        assert said in done.err
    assert not server.called("create")


@pytest.mark.parametrize("words", [("up",), ("gen", "a ring")])
def test_a_no_at_the_terminal_rents_nothing(typed: Type, server: CloudServer, words: tuple[str, ...]) -> None:
    done = typed(*words, stdin="n\n", terminal=True)
    assert (done.code, "declined" in done.err) == (10, True)
    assert not server.called("create")


def test_a_dry_run_of_up_shows_the_plan_and_stops(typed: Type, server: CloudServer) -> None:
    done = typed("up", "--dry-run", "--json", "--gpu", "RTX 4090", "--gpu", "A40", "--max-hours", "2", "--max-price", "0.7")
    assert done.code == 0
    assert [offer["gpu_type"] for offer in done.document["plan"]["offers"]] == ["NVIDIA GeForce RTX 4090", "NVIDIA A40"]
    assert (done.document["plan"]["lifetime_seconds"], done.document["plan"]["maximum_price_per_hour_usd"]) == (7200.0, 0.7)
    assert done.document["plan"]["worst_case_usd"] == pytest.approx(2 * 0.69)
    assert not server.called("create")


def test_a_type_that_is_passed_over_is_named_with_its_reason(typed: Type, server: CloudServer) -> None:
    server.stock("NVIDIA L40S", "None")
    done = typed("up", "--dry-run", "--gpu", "L40S", "--gpu", "A40")
    assert "1. NVIDIA A40" in done.out
    assert "passed over: NVIDIA L40S (none in stock" in done.out


def test_a_dry_run_of_gen_has_recipe_and_price(typed: Type, server: CloudServer) -> None:
    done = typed("gen", "a ring", "--dry-run", "--json", "--gpu", "A40")
    assert done.code == 0
    assert (done.document["provider"], done.document["plan"]["price_per_hour_usd"]) == ("runpod", 0.44)
    assert done.document["plan"]["rent"]["offers"][0]["gpu_type"] == "NVIDIA A40"
    assert not server.called("create")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("up", "--yes", "--gpu", "A4O"), 2, "did you mean NVIDIA A40?"),
        (("up", "--yes", "--max-price", "0.01"), 5, "is over $0.01/h"),
        (("up", "--max-price", "-1"), 2, "--max-price is dollars an hour"),
        (("up", "--cloud", "secur"), 2, "did you mean secure"),
        (("up", "--provider", "local", "--gpu", "A40"), 2, "--gpu is about a rented pod"),
        (("gen", "a", "--provider", "local", "--max-hours", "1"), 2, "--max-hours is about a rented pod"),
        (("logs", "--system", "--provider", "local"), 2, "--system is what RunPod writes"),
        (("logs", "--system", "--watchdog"), 2, "one log at a time"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_rented(
    typed: Type, server: CloudServer, words: tuple[str, ...], code: int, said: str
) -> None:
    done = typed(*words)
    assert (done.code, said in done.err) == (code, True), done.err
    assert not server.called("create")


def test_gpus_lists_those_that_up_tries_first(typed: Type) -> None:
    done = typed("gpus", "--json")
    gpus = done.document["gpus"]
    assert (gpus[0]["gpu_type"], gpus[0]["wanted"], gpus[0]["memory_gb"], gpus[0]["price_per_hour_usd"]) == ("NVIDIA L40S", 1, 48, 0.86)
    assert gpus[0]["cents_a_picture"] is None
    assert {gpu["cloud"] for gpu in gpus} == {"secure"}
    assert "NVIDIA L40S" in typed("gpus").out


def test_status_of_a_pod_asks_at_most_twice_and_shows_the_money(typed: Type, renter: Renter, server: CloudServer) -> None:
    pod = rented(renter)
    before = len(server.calls)
    done = typed("status", "--json")
    assert len(server.calls) - before <= 2
    rental = done.document["rental"]
    assert (done.document["pod"]["id"], rental["state"], rental["price_per_hour_usd"]) == (pod, "running", 0.79)
    assert rental["cost_usd"] > 0
    text = typed("status").out
    assert "costs    $0.79/h" in text
    assert "not by itself" not in text


def test_ps_marks_what_is_foreign_and_never_shows_an_environment(typed: Type, renter: Renter, server: CloudServer) -> None:
    pod = rented(renter)
    other = Renter(server, renter.clock, renter.home.parent / "somebody", renter.image)
    other.prepare()
    foreign = rented(other)
    other.close()
    assert [line["id"] for line in typed("ps", "--json").document["pods"]] == [pod]
    everything = typed("ps", "--all", "--json")
    assert {(line["id"], line["whose"]) for line in everything.document["pods"]} == {(pod, "mine"), (foreign, "foreign")}
    for secret in ("environment", "hf_of_somebody", "TOKEN", "PRIVATE KEY"):
        assert secret not in everything.out
    assert typed("ps").out.count("\n") == 2


def test_a_list_that_fails_is_not_an_empty_one(typed: Type, server: CloudServer) -> None:
    server.fault("list", "500", times=None)
    done = typed("ps", "--json")
    assert done.code == 4
    assert "pods" not in done.document


def test_down_ends_the_pod_and_says_what_it_cost(typed: Type, renter: Renter, server: CloudServer) -> None:
    pod = rented(renter)
    done = typed("down", "--json")
    assert (done.code, done.document["pod"]["id"], done.document["pod"]["cost_basis"]) == (0, pod, "estimated")
    assert done.document["pod"]["cost_usd"] == pytest.approx(server.book[pod].cost_usd(server.now()), abs=0.05)
    assert not server.running
    assert "nothing is running" in typed("down").err


def test_down_that_cannot_be_confirmed_is_exit_8_with_the_consoles_address(typed: Type, renter: Renter, server: CloudServer) -> None:
    pod = rented(renter)
    with server.unreachable():
        done = typed("down", "--json")
    assert done.code == 8
    assert "console.runpod.io" in done.err
    assert pod in done.err


def test_down_without_the_key_does_not_say_that_nothing_runs(typed: Type, renter: Renter, shell: Shell) -> None:
    pod = rented(renter)
    del shell.variables["RUNPOD_API_KEY"]
    done = typed("down")
    assert done.code == 8
    assert pod in done.err


def elsewhere(renter: Renter, home: Path) -> str:
    """Rent a pod at another computer of the same person, and return its id."""
    (home / "config").mkdir(parents=True)
    (home / "config" / "owner_id").write_text((renter.home / "config" / "owner_id").read_text())
    other = Renter(renter.server, renter.clock, home, renter.image)
    other.prepare()
    pod = other.provider()
    made = pod.create(plan(), other.hear).pod.id if pod.find() is None else ""
    other.close()
    return made


def test_another_computers_pod_is_named_by_down_and_ended_by_down_all(typed: Type, renter: Renter, server: CloudServer) -> None:
    pod = rented(renter)
    assert typed("down").code == 0
    assert pod not in server.running
    there = elsewhere(renter, renter.home.parent / "laptop")
    plain = typed("down")
    assert plain.code == 0
    assert there in plain.err
    assert "fluxctl down --all" in plain.err
    assert typed("down", "--all").code == 10
    assert len(server.running) == 1
    every = typed("down", "--all", "--yes", "--json")
    assert (every.code, [ended["id"] for ended in every.document["pods"]]) == (0, [there])
    assert not server.running


def test_sweep_reports_and_applies(typed: Type, renter: Renter, server: CloudServer, clock: VirtualClock) -> None:
    assert "no pods" in typed("sweep").err
    pod = rented(renter)
    found = typed("sweep", "--json").document
    assert [(one["pod_id"], one["verdict"], one["action"]) for one in found["findings"]] == [(pod, "wanted", "none")]
    clock.sleep(9 * 3600)
    late = typed("sweep", "--json").document
    assert (late["findings"][0]["action"], late["findings"][0]["done"], late["applied"]) == ("end", False, False)
    assert len(server.running) == 1
    done = typed("sweep", "--apply", "--json")
    assert (done.code, done.document["findings"][0]["done"]) == (0, True)
    assert not server.running


def test_the_markets_log_is_shown(typed: Type, renter: Renter) -> None:
    rented(renter)
    done = typed("logs", "--system", "--json")
    assert (done.code, done.document["log"]) == (0, "system")
    assert any("create container" in line for line in done.document["lines"])


def test_a_broken_setting_does_not_keep_a_pod_from_being_ended(typed: Type, renter: Renter, server: CloudServer, shell: Shell) -> None:
    rented(renter)
    (shell.config / "config.yaml").write_text("runpod: {cloud: nowhere}\n")
    done = typed("down")
    assert (done.code, "keys excepted, are not used" in done.err) == (0, True), done.err
    assert not server.running


def test_no_secret_is_in_what_is_printed(typed: Type, renter: Renter, server: CloudServer, shell: Shell) -> None:
    rented(renter)
    secrets = [server.exports()["RUNPOD_API_KEY"], "hf_of_somebody"]
    contracts = [path.read_text() for path in shell.home.glob("state/pods/*/*token*")]
    for words in (("--debug", "status", "--json"), ("ps", "--all", "--json"), ("sweep", "--json"), ("up", "--dry-run", "--json")):
        done = typed(*words)
        for secret in [*secrets, *filter(None, (text.strip() for text in contracts))]:
            assert secret not in done.out + done.err, json.dumps(words)
