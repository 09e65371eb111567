"""`fluxctl doctor`: each thing that is missing or wrong is one check that says what to type, and nothing is changed."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from tests.integration.setup.conftest import Beginner, at_once, checks
from tests.support.hub_server import TOKEN, Reply
from tests.support.messages_server import KEY, problem
from tests.support.shell import Shell, Typed


def doctor(somebody: Beginner, **more: Any) -> Typed:
    return somebody.shell.type("doctor", "--json", **more)


@pytest.fixture
def renter(somebody: Beginner) -> Beginner:
    """Somebody who has set everything up."""
    somebody.begin()
    return somebody


def test_without_any_account_nothing_fails(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home", {"HOME": str(tmp_path)})
    shell.config.rmdir()
    typed = shell.type("doctor", "--json")
    assert (typed.code, typed.document["ok"], typed.document["error"]) == (0, True, None)
    found = checks(typed)
    for name in ("RUNPOD_API_KEY", "balance", "clock", "volume", "gpus", "HF_TOKEN", "ANTHROPIC_API_KEY", "image"):
        assert found[name]["result"] == "skipped"
    for name in ("settings", "folders", "ssh client", "ledger"):
        assert found[name]["result"] == "ok"
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["work"], "nothing is made"


def test_when_everything_is_there_each_check_says_so(renter: Beginner) -> None:
    typed = doctor(renter)
    assert typed.code == 0, typed.out
    found = checks(typed)
    for name in ("settings", "folders", "RUNPOD_API_KEY", "balance", "clock", "volume", "gpus", "HF_TOKEN", "ANTHROPIC_API_KEY", "ssh key"):
        assert found[name]["result"] == "ok", found[name]
    assert "h of NVIDIA L40S at $" in found["balance"]["detail"] and "$5.60 a month" in found["volume"]["detail"]
    words = renter.shell.type("doctor").out
    assert "ok       balance" in words


def test_it_neither_asks_nor_spends_nor_changes_anything(renter: Beginner) -> None:
    before = files(renter.shell.home)
    renter.runpod.calls.clear()
    typed = doctor(renter, terminal=True)
    assert typed.code == 0 and files(renter.shell.home) == before
    kinds = {kind for call in renter.runpod.calls for kind in call.operations}
    assert kinds <= {"account", "offers", "volumes", "data_centers"}
    assert len(renter.runpod.calls) <= 5 and not renter.claude.requests


def test_a_wrong_runpod_key_is_exit_code_3_and_the_rest_is_looked_at(renter: Beginner) -> None:
    renter.config_env.write_text(renter.keys(RUNPOD_API_KEY="rpa_wrong"))
    typed = doctor(renter)
    found = checks(typed)
    assert (typed.code, typed.document["error"]["code"], found["volume"]["result"]) == (3, "key_refused", "skipped")
    assert found["HF_TOKEN"]["result"] == "ok" and "rpa_wrong" not in typed.out + typed.err


def test_runpod_that_cannot_be_reached_is_exit_code_4(renter: Beginner) -> None:
    with renter.runpod.unreachable():
        typed = doctor(renter, sleep=at_once)
    assert (typed.code, typed.document["error"]["code"]) == (4, "unreachable")


def test_a_balance_below_an_hour_is_exit_code_4_with_where_to_pay(renter: Beginner) -> None:
    renter.runpod.balance(0.10)
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (4, "balance")
    assert "console.runpod.io/user/billing" in checks(typed)["balance"]["hint"]


def test_a_balance_below_an_hour_of_the_dearest_is_a_warning(renter: Beginner) -> None:
    renter.runpod.balance(1.0)
    typed = doctor(renter)
    assert (typed.code, checks(typed)["balance"]["result"]) == (0, "warning")


def test_a_deleted_volume_is_exit_code_4_as_with_up(renter: Beginner) -> None:
    renter.runpod.account.volumes.clear()
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (4, "volume_gone")
    assert "fluxctl init --volume" in typed.document["error"]["hint"]
    rented = renter.shell.type("up", "--yes", "--json", sleep=at_once)
    assert (rented.code, rented.document["error"]["code"]) == (4, "volume_gone")


@pytest.mark.parametrize(
    ("key", "value", "code"), [("data_center", "US-XX-9", "volume_data_center"), ("cloud", "community", "volume_cloud")]
)
def test_settings_that_no_pod_with_the_volume_has_are_exit_code_2_as_with_up(renter: Beginner, key: str, value: str, code: str) -> None:
    renter.shell.type("config", "set", f"runpod.{key}", value)
    rented = renter.shell.type("up", "--yes", "--json", sleep=at_once)
    for typed in (doctor(renter), rented, renter.shell.type("init", "--json")):
        assert (typed.code, typed.document["error"]["code"]) == (2, code), typed.err
    listed = renter.shell.type("volume", "ls")
    assert listed.code == 0 and f"fluxctl config set runpod.{key}" in listed.err


def test_no_stock_where_the_volume_lies_is_exit_code_5(renter: Beginner) -> None:
    renter.shell.type("config", "set", "runpod.gpu_types", "NVIDIA L40S")
    renter.runpod.stock("NVIDIA L40S", "None")
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (5, "no_capacity")


def test_an_unknown_gpu_in_the_settings_is_named(renter: Beginner) -> None:
    renter.shell.type("config", "set", "runpod.gpu_types", "NVIDIA L40S, NVIDIA L40Z")
    found = checks(doctor(renter))["gpus"]
    assert found["result"] == "warning" and "RunPod has no NVIDIA L40Z" in found["detail"]


def test_no_volume_is_a_warning(renter: Beginner) -> None:
    renter.shell.type("config", "set", "runpod.volume_id", "null")
    typed = doctor(renter)
    assert (typed.code, checks(typed)["volume"]["result"]) == (0, "warning")


def test_a_wrong_clock_is_a_warning(renter: Beginner) -> None:
    renter.runpod.date_error_seconds = 600
    found = checks(doctor(renter))["clock"]
    assert found["result"] == "warning" and "behind RunPod's" in found["detail"]
    renter.runpod.date_error_seconds = -600
    assert "before RunPod's" in checks(doctor(renter))["clock"]["detail"]


def test_an_image_that_is_gone_is_exit_code_4_and_none_at_all_3(renter: Beginner) -> None:
    renter.shell.type("config", "set", "pod.image", f"{renter.image.rpartition(':')[0]}:none")
    assert (doctor(renter).code, doctor(renter).document["error"]["code"]) == (4, "image_missing")
    renter.shell.type("config", "set", "pod.image", "null")
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (3, "no_image") and "make push" in typed.out


def test_a_registry_that_cannot_be_asked_is_a_warning(renter: Beginner) -> None:
    renter.shell.type("config", "set", "pod.image", "127.0.0.1:9/somebody/fluxctl-pod:1")
    typed = doctor(renter)
    assert (typed.code, checks(typed)["image"]["result"]) == (0, "warning")


def test_a_model_that_the_token_may_not_download_is_exit_code_3(renter: Beginner) -> None:
    renter.hub.tokens[TOKEN] = set()
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (3, "model_gated")
    renter.config_env.write_text(renter.keys(HF_TOKEN=""))
    assert doctor(renter).document["error"]["code"] == "no_hf_token"
    renter.shell.type("config", "set", "runpod.hf_token_secret", "hf_token")
    assert checks(doctor(renter))["HF_TOKEN"]["result"] == "skipped"


def test_a_hub_or_a_claude_that_does_not_answer_is_a_warning(renter: Beginner) -> None:
    renter.hub.instead = Reply(502, b"<html>")
    renter.claude.queued = [problem(529, "overloaded_error", "Overloaded")]
    typed = doctor(renter)
    found = checks(typed)
    assert (typed.code, found["HF_TOKEN"]["result"], found["ANTHROPIC_API_KEY"]["result"]) == (0, "warning", "warning")


def test_a_wrong_anthropic_key_is_exit_code_3(renter: Beginner) -> None:
    renter.config_env.write_text(renter.keys(ANTHROPIC_API_KEY="sk-ant-wrong"))
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (3, "anthropic_key_refused")
    assert "sk-ant-wrong" not in typed.out + typed.err


def test_broken_settings_are_the_first_failure_and_the_rest_is_looked_at(renter: Beginner) -> None:
    (renter.shell.config / "config.yaml").write_text("pod:\n  imgae: x\n")
    typed = doctor(renter)
    found = checks(typed)
    assert typed.code == 3 and found["settings"]["result"] == "failed" and "did you mean" in found["settings"]["detail"]
    assert found["keys"]["result"] == "skipped" and found["ssh client"]["result"] == "ok"


@pytest.mark.parametrize(("mode", "code"), [(0o777, 3), (0o755, 0), (0o700, 0)])
def test_the_mode_of_the_config_folder_is_looked_at(renter: Beginner, mode: int, code: int) -> None:
    renter.shell.config.chmod(mode)
    typed = doctor(renter)
    found = checks(typed)["folders"]
    assert typed.code == code and found["result"] == {0o777: "failed", 0o755: "warning", 0o700: "ok"}[mode]
    assert stat.S_IMODE(renter.shell.config.stat().st_mode) == mode


def test_a_config_env_that_others_can_read_is_exit_code_3(renter: Beginner) -> None:
    renter.config_env.chmod(0o640)
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (3, "config_env_readable")
    assert f"chmod 600 {renter.config_env}" in typed.out
    assert not any(secret in typed.out for secret in renter.secrets)


def test_an_ssh_key_that_others_can_read_is_exit_code_3(renter: Beginner) -> None:
    (renter.shell.config / "ssh" / "id_ed25519").chmod(0o644)
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (3, "open_key")


def test_a_computer_without_ssh_is_exit_code_3(renter: Beginner, tmp_path: Path) -> None:
    renter.shell.variables["PATH"] = str(tmp_path)
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (3, "no_ssh")


def test_lines_of_the_older_tool_are_named(renter: Beginner) -> None:
    (renter.shell.work / "config.env").write_text("RUNPOD_HOST=1.2.3.4\nRUNPOD_PORT=2222\n")
    (renter.shell.work / "config.env").chmod(0o600)
    typed = doctor(renter)
    notes = [check for check in typed.document["checks"] if check["result"] == "warning" and "not needed any more" in check["detail"]]
    assert typed.code == 0 and len(notes) == 2


def test_a_damaged_ledger_is_a_warning_and_stays(renter: Beginner) -> None:
    renter.shell.type("history")
    ledger = renter.shell.home / "state" / "ledger.db"
    ledger.write_bytes(b"SQLite format 3\0" + os.urandom(4096))
    before = ledger.read_bytes()
    typed = doctor(renter)
    assert (typed.code, checks(typed)["ledger"]["result"]) == (0, "warning")
    assert ledger.read_bytes() == before and "fluxctl ps --all" in checks(typed)["ledger"]["hint"]


def test_a_docker_that_is_not_there_matters_only_where_it_is_the_provider(renter: Beginner) -> None:
    renter.shell.variables["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    typed = doctor(renter)
    assert (typed.code, checks(typed)["docker"]["result"]) == (0, "skipped")
    renter.shell.type("config", "set", "provider", "docker")
    typed = doctor(renter)
    assert (typed.code, checks(typed)["docker"]["result"]) == (4, "failed")


def test_the_document_names_every_check_once_with_result_detail_and_what_to_type(renter: Beginner) -> None:
    said = json.loads(doctor(renter).out)
    assert said["schema"] == 1 and {"ok", "checks", "error"} <= set(said)
    for check in said["checks"]:
        assert set(check) == {"name", "result", "detail", "hint", "code"}
        assert check["result"] in ("ok", "warning", "failed", "skipped") and check["detail"]
    assert KEY not in json.dumps(said)


def test_stock_counts_only_in_the_wanted_cloud(renter: Beginner) -> None:
    for key, value in (("volume_id", "null"), ("gpu_types", "NVIDIA L40S"), ("cloud", "secure")):
        renter.shell.type("config", "set", f"runpod.{key}", value)
    renter.runpod.stock("NVIDIA L40S", "None", cloud="SECURE")
    typed = doctor(renter)
    assert (typed.code, typed.document["error"]["code"]) == (5, "no_capacity")
    renter.runpod.stock("NVIDIA L40S", "Low", cloud="SECURE")
    assert "NVIDIA L40S (low)" in checks(doctor(renter))["gpus"]["detail"]


def files(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_without_a_key_renting_fails_only_where_it_is_the_provider(somebody: Beginner) -> None:
    assert doctor(somebody).code == 0
    somebody.shell.type("config", "set", "provider", "runpod")
    typed = doctor(somebody)
    assert (typed.code, typed.document["error"]["code"]) == (3, "no_runpod_key") and "fluxctl init" in typed.document["error"]["hint"]
    rented = somebody.shell.type("up", "--yes", "--json")
    assert (rented.code, rented.document["error"]["code"]) == (3, "no_runpod_key")
