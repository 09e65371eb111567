"""What can go wrong with a network volume that is paid by the month: its tier, its place, its name, and the moment after it was made."""

from pathlib import Path

import pytest
from tests.integration.setup.conftest import Beginner, steps

from fluxctl.errors import SettingsError

HIGH = "HIGH_PERFORMANCE"


@pytest.fixture
def owner(somebody: Beginner) -> Beginner:
    somebody.shell.variables["RUNPOD_API_KEY"] = somebody.runpod.key
    return somebody


def volumes(owner: Beginner) -> list[tuple[str, str, str]]:
    """Name, place and tier of each volume that there is."""
    return [(volume.name, volume.data_center, volume.kind) for volume in owner.runpod.account.volumes.values()]


def test_a_volume_is_of_the_tier_whose_price_was_shown_also_where_the_place_would_make_another(owner: Beginner) -> None:
    typed = owner.shell.type("volume", "create", "--data-center", "EU-SE-1", "--yes", "--json")
    assert (typed.code, typed.document["volume"]["usd_per_month"]) == (0, 5.6)
    assert volumes(owner) == [("fluxctl", "EU-SE-1", "STANDARD")]


def test_a_volume_of_another_tier_has_no_price_that_anybody_knows(owner: Beginner) -> None:
    fast = owner.runpod.add_volume("fast", 80, "EU-SE-1", kind=HIGH)
    typed = owner.shell.type("volume", "ls", "--json")
    assert [each["usd_per_month"] for each in typed.document["volumes"]] == [None]
    assert " ?  " in owner.shell.type("volume", "ls").out
    typed = owner.shell.type("init", "--no-save-keys", "--volume", fast.id)
    assert "price unknown (not the standard tier)" in typed.err and "$5.60" not in typed.err


def test_the_name_of_a_data_centre_may_be_typed_small(owner: Beginner) -> None:
    typed = owner.shell.type("volume", "create", "--data-center", "eu-ro-1", "--dry-run", "--json")
    assert (typed.code, typed.document["plan"]["data_center"]) == (0, "EU-RO-1")


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "bell\a", "x" * 101])
def test_what_is_no_name_is_refused(owner: Beginner, name: str) -> None:
    typed = owner.shell.type("volume", "create", "--name", name, "--yes", "--json")
    assert (typed.code, typed.document["error"]["code"], volumes(owner)) == (2, "volume_name", [])


def test_what_is_in_the_way_is_named_by_the_flag_of_the_command_that_was_typed(owner: Beginner) -> None:
    owner.runpod.add_volume("fluxctl")
    created = owner.shell.type("volume", "create", "--yes").err
    set_up = owner.shell.type("init", "--no-save-keys", "--volume", "new", "--yes").err
    assert " --name fluxctl-2" in created and " --volume-name fluxctl-2" in set_up
    assert "--size 80" in owner.shell.type("volume", "create", "--size", "5").err
    assert "--volume-size 80" in owner.shell.type("init", "--no-save-keys", "--volume", "new", "--volume-size", "5").err


def test_a_volume_that_cannot_be_noted_is_named_all_the_same(owner: Beginner) -> None:
    owner.shell.variables["FLUXCTL_RUNPOD__VOLUME_ID"] = "gone"
    typed = owner.shell.type("volume", "create", "--yes", "--name", "other", "--json")
    (made,) = [volume.id for volume in owner.runpod.account.volumes.values() if volume.name == "other"]
    assert (typed.code, typed.document["volume"]["id"], typed.document["used"]) == (0, made, False)
    assert "new pods do not use it" in typed.err and f"fluxctl config set runpod.volume_id {made}" in typed.err


def test_init_names_the_volume_that_it_made_and_could_not_note(owner: Beginner, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object) -> None:
        raise SettingsError(f"{path} cannot be written: No space left on device", hint="df -h", code="unwritable_settings")

    monkeypatch.setattr("fluxctl.settings.change.replace_file", full)
    typed = owner.shell.type("init", "--no-save-keys", "--volume", "new", "--yes", "--json")
    (made,) = owner.runpod.account.volumes
    (step,) = [step for step in typed.document["steps"] if step["name"] == "volume"]
    assert (step["result"], typed.document["volume"]["id"], typed.document["volume"]["created"]) == ("failed", made, True)
    assert f"made {made}" in step["detail"] and "could not be noted" in step["detail"]


def test_a_volume_that_is_gone_is_no_reason_to_leave_the_new_one_unused(owner: Beginner) -> None:
    owner.shell.type("config", "set", "runpod.volume_id", "gone")
    typed = owner.shell.type("volume", "create", "--yes", "--json")
    (made,) = owner.runpod.account.volumes
    assert typed.document["used"] is True and f"volume_id: {made}" in owner.config_yaml


def test_ctrl_c_while_it_is_made_says_that_it_may_cost(owner: Beginner, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fluxctl.providers.runpod.platform.RestPlatform.create_volume", interrupted)
    for words in (("volume", "create", "--yes"), ("init", "--no-save-keys", "--volume", "new", "--yes")):
        typed = owner.shell.type(*words, "--json")
        assert (typed.code, typed.document["error"]["code"]) == (130, "interrupted")
        assert "it may be there, and cost" in typed.err and "fluxctl volume ls" in typed.err


@pytest.mark.parametrize("words", [("--volume-size", "200"), ("--volume-name", "x"), ("--data-center", "EU-RO-1")])
def test_a_description_of_a_new_volume_is_never_passed_over_in_silence(owner: Beginner, words: tuple[str, str]) -> None:
    there = owner.runpod.add_volume("models")
    for meant in (("--volume", there.id), ("--volume", "none"), ()):
        owner.shell.type("config", "set", "runpod.volume_id", there.id)
        typed = owner.shell.type("init", "--no-save-keys", *words, *meant, "--yes", "--json")
        (step,) = [step for step in typed.document["steps"] if step["name"] == "volume"]
        assert (step["result"], step["code"]) == ("failed", "volume_not_new") and words[0] in step["detail"]
    assert len(volumes(owner)) == 1


@pytest.mark.parametrize("fault", ["timeout_after_effect", "500_after_effect", "html_after_effect", "cut_after_effect", "429_after_effect"])
def test_init_after_a_lost_reply_takes_what_was_made(owner: Beginner, fault: str) -> None:
    owner.runpod.fault("create_volume", fault)
    typed = owner.shell.type("init", "--no-save-keys", "--volume", "new", "--yes", "--json")
    (step,) = [step for step in typed.document["steps"] if step["name"] == "volume"]
    assert (step["result"], step["code"], step["hint"]) == ("failed", "outcome_unknown", "fluxctl volume ls")
    owner.shell.type("init", "--no-save-keys", "--yes")
    (made,) = owner.runpod.account.volumes
    assert f"volume_id: {made}" in owner.config_yaml


@pytest.mark.parametrize(("fault", "code"), [("401", "key_refused"), ("403", "rights"), ("balance", "balance")])
def test_a_refused_volume_is_none_and_says_why(owner: Beginner, fault: str, code: str) -> None:
    owner.runpod.fault("create_volume", fault)
    typed = owner.shell.type("volume", "create", "--yes", "--json")
    assert (typed.document["error"]["code"], volumes(owner)) == (code, []) and typed.document["error"]["hint"]


def test_a_place_that_cannot_hold_volumes_leads_to_one_that_can(owner: Beginner) -> None:
    typed = owner.shell.type("volume", "create", "--data-center", "US-TX-3", "--yes", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (2, "no_volumes_there")
    place = typed.document["error"]["hint"].removeprefix("--data-center ")
    assert owner.shell.type("volume", "create", "--data-center", place, "--yes").code == 0


def test_where_nothing_wanted_is_in_stock_the_hint_is_a_flag_of_the_command(owner: Beginner) -> None:
    owner.shell.type("config", "set", "runpod.gpu_types", "NVIDIA L40S")
    owner.runpod.stock("NVIDIA L40S", "None")
    typed = owner.shell.type("init", "--no-save-keys", "--volume", "new", "--yes", "--json")
    assert steps(typed)["volume"] == "failed" and volumes(owner) == []
    assert "--data-center EU-RO-1" in typed.err and "fluxctl init --gpu" in typed.err
    assert owner.shell.type("volume", "create", "--data-center", "EU-RO-1", "--yes").code == 0
