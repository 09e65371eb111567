"""`fluxctl volume`, as typed, against a RunPod on this machine."""

import pytest
from tests.integration.setup.conftest import Beginner, at_once


@pytest.fixture
def owner(somebody: Beginner) -> Beginner:
    somebody.shell.variables["RUNPOD_API_KEY"] = somebody.runpod.key
    return somebody


def test_volumes_are_listed_with_their_price_and_what_is_in_stock_there(owner: Beginner) -> None:
    owner.runpod.add_volume("models", 50, "EU-RO-1")
    typed = owner.shell.type("volume", "ls")
    assert typed.code == 0, typed.err
    head, row = typed.out.splitlines()
    assert "$/month" in head and "3.50" in row and "EU-RO-1" in row and "NVIDIA" in row
    (said,) = owner.shell.type("volume", "ls", "--json").document["volumes"]
    assert (said["name"], said["size_gb"], said["usd_per_month"], said["chosen"]) == ("models", 50, 3.5, False)


def test_an_account_without_volumes_is_told_how_to_get_one(owner: Beginner) -> None:
    typed = owner.shell.type("volume", "ls", "--json")
    assert (typed.code, typed.document["volumes"]) == (0, []) and "fluxctl volume create" in typed.err


def test_a_list_that_fails_is_an_error_and_never_none(owner: Beginner) -> None:
    owner.runpod.fault("volumes", "500", times=None)
    typed = owner.shell.type("volume", "ls", "--json", sleep=at_once)
    assert typed.code == 4 and "volumes" not in typed.document


def test_a_volume_that_was_deleted_is_said(owner: Beginner) -> None:
    owner.shell.type("config", "set", "runpod.volume_id", "gone123")
    typed = owner.shell.type("volume", "ls")
    assert typed.code == 0 and "no network volume gone123" in typed.err and "fluxctl init --volume ID" in typed.err
    typed = owner.shell.type("init", "--no-save-keys", "--json")
    (step,) = (step for step in typed.document["steps"] if step["name"] == "volume")
    assert (step["result"], step["code"]) == ("failed", "volume_gone")


def test_create_shows_the_price_and_wants_a_yes(owner: Beginner) -> None:
    typed = owner.shell.type("volume", "create", "--json")
    assert typed.code == 10 and "$5.60 a month" in typed.err and "--yes" in typed.err
    typed = owner.shell.type("volume", "create", stdin="\n", terminal=True)
    assert typed.code == 10 and not owner.runpod.account.volumes
    typed = owner.shell.type("volume", "create", stdin="y\n", terminal=True)
    assert typed.code == 0 and typed.out.strip() in owner.runpod.account.volumes
    assert f"volume_id: {typed.out.strip()}" in owner.config_yaml


def test_a_dry_run_makes_nothing(owner: Beginner) -> None:
    typed = owner.shell.type("volume", "create", "--dry-run", "--json", "--size", "1500")
    assert typed.code == 0 and typed.document["plan"]["usd_per_month"] == 95.0
    assert not owner.runpod.account.volumes


def test_a_second_one_of_the_same_name_is_refused(owner: Beginner) -> None:
    made = owner.shell.type("volume", "create", "--yes", "--json").document["volume"]
    typed = owner.shell.type("volume", "create", "--yes", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (2, "volume_exists") and made["id"] in typed.err
    other = owner.shell.type("volume", "create", "--yes", "--json", "--name", "other")
    assert other.code == 0 and other.document["used"] is False, "the one that was set before stays"
    assert f"fluxctl config set runpod.volume_id {other.document['volume']['id']}" in other.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--size", "5"), "volume_size", "10 to 4096"),
        (("--size", "5000"), "volume_size", "10 to 4096"),
        (("--data-center", "EU-R0-1"), "unknown_data_center", "did you mean EU-RO-1?"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(owner: Beginner, words: tuple[str, ...], code: str, said: str) -> None:
    typed = owner.shell.type("volume", "create", "--yes", "--json", *words)
    assert (typed.code, typed.document["error"]["code"]) == (2, code) and said in typed.err
    assert not owner.runpod.account.volumes


def test_nothing_in_stock_anywhere_is_no_capacity(owner: Beginner) -> None:
    for kind in ("NVIDIA L40S", "NVIDIA A40"):
        owner.runpod.stock(kind, "None")
    owner.shell.type("config", "set", "runpod.gpu_types", "NVIDIA L40S, NVIDIA A40")
    typed = owner.shell.type("volume", "create", "--yes", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (5, "no_capacity")
    assert not owner.runpod.account.volumes


def test_a_lost_reply_makes_no_second_volume(owner: Beginner) -> None:
    owner.runpod.fault("create_volume", "reset_after_effect")
    typed = owner.shell.type("volume", "create", "--yes", "--json")
    assert typed.code == 8, typed.err
    assert len(owner.runpod.account.volumes) == 1
    again = owner.shell.type("volume", "create", "--yes", "--json")
    assert again.document["error"]["code"] == "volume_exists" and len(owner.runpod.account.volumes) == 1
    (made,) = owner.runpod.account.volumes
    typed = owner.shell.type("init", "--no-save-keys", "--yes", "--json")
    assert typed.document["volume"]["id"] == made and typed.document["volume"]["created"] is False


def test_without_a_key_it_says_where_to_begin(somebody: Beginner) -> None:
    typed = somebody.shell.type("volume", "ls", "--json")
    assert typed.code == 3 and "RUNPOD_API_KEY" in typed.err


def test_usage_needs_a_live_pod(owner: Beginner) -> None:
    typed = owner.shell.type("volume", "usage", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (6, "not_running") and "fluxctl up" in typed.err


def test_without_a_command_behind_it_it_lists_them_and_says_what_is_missing(somebody: Beginner) -> None:
    typed = somebody.shell.type("volume")
    assert typed.code == 2 and typed.err.splitlines()[-2:] == ["error: fluxctl volume needs one of its commands", "→ fluxctl volume --help"]


@pytest.mark.parametrize("size", ["five", "5TB", "80.5", ""])
def test_a_size_that_is_no_number_is_refused(owner: Beginner, size: str) -> None:
    typed = owner.shell.type("volume", "create", "--yes", "--size", size)
    assert typed.code == 2 and "--size" in typed.err and typed.err.endswith("→ fluxctl volume create --help\n")
    assert not owner.runpod.account.volumes
