"""`fluxctl init` without a terminal: from an empty home to everything that a rented pod needs."""

import io
import json
import stat
from pathlib import Path

import pytest
from tests.integration.setup.conftest import VOLUME, Beginner, at_once, steps
from tests.support.hub_server import TOKEN, Reply
from tests.support.messages_server import KEY
from tests.support.shell import Shell

from fluxctl.cli.main import main
from fluxctl.environment import Environment


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_empty_home_becomes_one_that_can_rent(somebody: Beginner) -> None:
    typed = somebody.begin()
    assert steps(typed) == {
        "RUNPOD_API_KEY": "changed",
        "model": "ok",
        "HF_TOKEN": "changed",
        "ANTHROPIC_API_KEY": "changed",
        "ssh key": "changed",
        "image": "changed",
        "gpus": "ok",
        "volume": "changed",
    }
    assert somebody.config_env.read_text() == somebody.keys()
    assert mode(somebody.config_env) == 0o600 and mode(somebody.shell.config) & 0o022 == 0
    assert mode(somebody.shell.config / "ssh" / "id_ed25519") == 0o600
    volume = typed.document["volume"]
    assert (volume["size_gb"], volume["usd_per_month"], volume["created"]) == (80, 5.6, True)
    assert [each.id for each in somebody.runpod.account.volumes.values()] == [volume["id"]]
    assert f"volume_id: {volume['id']}" in somebody.config_yaml and somebody.image in somebody.config_yaml


def test_a_config_folder_that_init_makes_is_closed_to_others(somebody: Beginner) -> None:
    somebody.shell.config.rmdir()
    somebody.begin()
    assert mode(somebody.shell.config) == 0o700


def test_the_made_volume_lies_where_the_wanted_gpus_are(somebody: Beginner) -> None:
    volume = somebody.begin().document["volume"]
    listed = somebody.shell.type("volume", "ls", "--json").document["volumes"]
    assert listed[0]["id"] == volume["id"] and listed[0]["chosen"]
    assert any(stock != "none" for stock in listed[0]["stock"].values())


def test_no_key_is_shown_anywhere(somebody: Beginner) -> None:
    typed = somebody.begin()
    doctor = somebody.shell.type("doctor", "--json", "--debug")
    again = somebody.shell.type("init", "--debug")
    said = "".join(each.out + each.err for each in (typed, doctor, again))
    elsewhere = "".join(
        path.read_text(errors="replace") for path in somebody.shell.home.rglob("*") if path.is_file() and path.name != "config.env"
    )
    for secret in somebody.secrets:
        assert secret not in said and secret not in elsewhere


def test_run_again_it_changes_nothing(somebody: Beginner) -> None:
    somebody.begin()
    before = {path: path.read_bytes() for path in somebody.shell.config.rglob("*") if path.is_file()}
    typed = somebody.shell.type("init", "--json")
    assert typed.code == 0, typed.err
    assert set(steps(typed).values()) == {"ok"}
    assert {path: path.read_bytes() for path in somebody.shell.config.rglob("*") if path.is_file()} == before
    assert len(somebody.runpod.account.volumes) == 1


def test_run_again_it_changes_only_what_is_asked(somebody: Beginner) -> None:
    somebody.begin()
    before = somebody.config_env.read_text()
    typed = somebody.shell.type("init", "--gpu", "NVIDIA A40", "--gpu", "rtx 4090", "--json")
    assert typed.code == 0, typed.err
    assert [name for name, result in steps(typed).items() if result == "changed"] == ["gpus"]
    assert "gpu_types: 'NVIDIA A40, NVIDIA GeForce RTX 4090'" in somebody.config_yaml
    assert somebody.config_env.read_text() == before


def test_what_stands_in_config_env_stays(somebody: Beginner) -> None:
    somebody.config_env.write_text("# mine\nexport HF_TOKEN='hf_old'  # until spring\nFLUXCTL_PICTURES__FORMAT=webp\nRUNPOD_HOST=1.2.3.4\n")
    somebody.config_env.chmod(0o600)
    typed = somebody.begin()
    lines = somebody.config_env.read_text().splitlines()
    assert lines[:4] == ["# mine", f"export HF_TOKEN={TOKEN}  # until spring", "FLUXCTL_PICTURES__FORMAT=webp", "RUNPOD_HOST=1.2.3.4"]
    assert lines[4:] == [f"RUNPOD_API_KEY={somebody.runpod.key}", f"ANTHROPIC_API_KEY={KEY}"]
    assert "RUNPOD_HOST is not needed any more" in typed.err


def test_a_config_env_that_others_can_read_is_closed_and_that_is_said(somebody: Beginner) -> None:
    somebody.config_env.write_text("FLUXCTL_PICTURES__FORMAT=webp\n")
    somebody.config_env.chmod(0o644)
    typed = somebody.begin()
    assert f"others on this computer could read {somebody.config_env} until now" in typed.err
    assert mode(somebody.config_env) == 0o600
    assert somebody.config_env.read_text() == f"FLUXCTL_PICTURES__FORMAT=webp\n{somebody.keys()}"
    assert "could read" not in somebody.shell.type("init").err


def test_another_config_env_that_others_can_read_is_refused_with_what_to_type(somebody: Beginner) -> None:
    here = somebody.shell.work / "config.env"
    here.write_text("RUNPOD_HOST=1.2.3.4\n")
    here.chmod(0o644)
    typed = somebody.init()
    assert (typed.code, typed.document["error"]["code"]) == (3, "config_env_readable")
    assert f"chmod 600 {here}" in typed.err and mode(here) == 0o644


def test_without_a_terminal_it_asks_nothing_and_says_what_is_missing(somebody: Beginner) -> None:
    typed = somebody.shell.type("init", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (3, "not_set_up")
    found = steps(typed)
    assert [name for name in found if found[name] == "missing"] == ["RUNPOD_API_KEY", "HF_TOKEN", "image"]
    assert found["ANTHROPIC_API_KEY"] == "skipped" and found["volume"] == "skipped"
    hints = " ".join(step["hint"] or "" for step in typed.document["steps"])
    for words in ("--secrets-file FILE", "console.runpod.io", "huggingface.co/settings/tokens", "make push", "--image REFERENCE"):
        assert words in hints
    assert not somebody.config_env.exists() and not somebody.runpod.called()


def test_without_a_yes_no_volume_is_made(somebody: Beginner) -> None:
    for words in ((), ("--volume", "new"), ("--volume-size", "100")):
        typed = somebody.init("--image", somebody.image, *words)
        assert (typed.code, steps(typed)["volume"]) == (3, "missing")
    assert "$7.00 a month" in typed.err and "--yes" in typed.err
    assert not somebody.runpod.account.volumes


def test_keys_of_the_environment_are_checked_and_kept(somebody: Beginner) -> None:
    somebody.shell.variables |= {"RUNPOD_API_KEY": somebody.runpod.key, "HF_TOKEN": TOKEN}
    typed = somebody.shell.type("init", "--image", somebody.image, *VOLUME, "--json")
    assert typed.code == 0, typed.err
    assert somebody.config_env.read_text() == somebody.keys(ANTHROPIC_API_KEY="")
    assert mode(somebody.config_env) == 0o600


def test_keys_of_the_environment_can_stay_there_alone(somebody: Beginner) -> None:
    somebody.shell.variables |= {"RUNPOD_API_KEY": somebody.runpod.key, "HF_TOKEN": TOKEN}
    typed = somebody.shell.type("init", "--no-save-keys", "--image", somebody.image, *VOLUME, "--json")
    assert (typed.code, steps(typed)["RUNPOD_API_KEY"]) == (0, "ok")
    assert not somebody.config_env.exists()


def test_a_key_that_the_environment_hides_is_said(somebody: Beginner) -> None:
    somebody.shell.variables["HF_TOKEN"] = "hf_other"
    typed = somebody.init("--image", somebody.image, *VOLUME)
    assert typed.code == 0
    assert "environment variable HF_TOKEN goes before the HF_TOKEN that was kept" in typed.err and "hf_other" not in typed.err


def test_a_wrong_runpod_key_is_not_kept(somebody: Beginner) -> None:
    typed = somebody.init("--image", somebody.image, *VOLUME, stdin=somebody.keys(RUNPOD_API_KEY="rpa_wrong"))
    assert (typed.code, typed.document["error"]["code"]) == (3, "key_refused")
    assert steps(typed)["RUNPOD_API_KEY"] == "failed" and steps(typed)["volume"] == "skipped"
    assert "rpa_wrong" not in typed.out + typed.err + somebody.config_env.read_text()


def test_a_key_with_too_few_rights_is_said(somebody: Beginner) -> None:
    typed = somebody.init("--image", somebody.image, *VOLUME, stdin=somebody.keys(RUNPOD_API_KEY=somebody.runpod.add_key("restricted")))
    assert typed.code in (3, 4) and steps(typed)["RUNPOD_API_KEY"] == "failed"
    assert not somebody.runpod.account.volumes


def test_a_key_that_may_only_read_makes_no_volume(somebody: Beginner) -> None:
    typed = somebody.init("--image", somebody.image, *VOLUME, stdin=somebody.keys(RUNPOD_API_KEY=somebody.runpod.add_key("read")))
    assert (typed.code, steps(typed)["volume"]) == (4, "failed")
    assert not somebody.runpod.account.volumes


def test_a_token_that_may_not_download_the_model_says_where_the_licence_is(somebody: Beginner) -> None:
    somebody.hub.tokens[TOKEN] = set()
    typed = somebody.init("--image", somebody.image, *VOLUME)
    assert (typed.code, typed.document["error"]["code"]) == (3, "model_gated")
    assert "https://huggingface.co/black-forest-labs/FLUX.1-dev" in typed.err
    assert TOKEN in somebody.config_env.read_text(), "the token itself is good: once the licence is accepted, it works"
    somebody.hub.tokens[TOKEN] = {"black-forest-labs/FLUX.1-dev"}
    assert somebody.shell.type("init", "--json").code == 0


def test_a_token_that_the_hub_refuses_is_not_kept(somebody: Beginner) -> None:
    typed = somebody.init("--image", somebody.image, *VOLUME, stdin=somebody.keys(HF_TOKEN="hf_wrong"))
    assert (typed.code, typed.document["error"]["code"]) == (3, "hf_token_refused")
    assert "hf_wrong" not in typed.err + somebody.config_env.read_text()


def test_the_chosen_model_decides_what_the_token_must_open(somebody: Beginner) -> None:
    typed = somebody.init("--model", "FLUX.1-schnell", "--image", somebody.image, *VOLUME)
    assert (typed.code, typed.document["error"]["code"]) == (3, "model_gated")
    assert "FLUX.1-schnell" in typed.err
    typed = somebody.init("--model", "embedded", stdin=somebody.keys(HF_TOKEN=""))
    assert (typed.code, steps(typed)["HF_TOKEN"]) == (0, "ok" if TOKEN in somebody.config_env.read_text() else "skipped"), typed.err
    typed = somebody.init("--model", "FLUX.1-dv")
    assert "did you mean FLUX.1-dev?" in typed.err and typed.document["error"]["code"] == "unknown_model"


def test_a_hub_that_does_not_answer_says_nothing_about_the_token(somebody: Beginner) -> None:
    somebody.hub.instead = Reply(503, b"<html>")
    typed = somebody.init("--image", somebody.image, *VOLUME)
    assert (typed.code, steps(typed)["HF_TOKEN"]) == (0, "unchecked"), typed.err
    assert TOKEN in somebody.config_env.read_text()


def test_a_wrong_anthropic_key_is_not_kept(somebody: Beginner) -> None:
    typed = somebody.init("--image", somebody.image, *VOLUME, stdin=somebody.keys(ANTHROPIC_API_KEY="sk-ant-wrong"))
    assert (typed.code, typed.document["error"]["code"]) == (3, "anthropic_key_refused")
    assert "sk-ant-wrong" not in typed.err + somebody.config_env.read_text()
    assert somebody.claude.looks == ["/v1/models/claude-haiku-5-5"] and not somebody.claude.requests, "nothing was paid for"


def test_an_image_that_does_not_exist_is_not_noted(somebody: Beginner) -> None:
    typed = somebody.init("--image", f"{somebody.image.rpartition(':')[0]}:none", *VOLUME)
    assert (typed.code, typed.document["error"]["code"]) == (4, "image_missing")
    assert "image:" not in somebody.config_yaml


def test_an_unknown_gpu_is_refused_with_the_nearest_one(somebody: Beginner) -> None:
    typed = somebody.init("--gpu", "NVIDIA L40Z", "--image", somebody.image, *VOLUME)
    assert (typed.code, typed.document["error"]["code"]) == (2, "unknown_gpu")
    assert "did you mean NVIDIA L40" in typed.err and "gpu_types" not in somebody.config_yaml


def test_runpod_that_cannot_be_reached_keeps_the_key_unchecked(somebody: Beginner) -> None:
    with somebody.runpod.unreachable():
        typed = somebody.init("--image", somebody.image, *VOLUME, sleep=at_once)
    assert (typed.code, steps(typed)["RUNPOD_API_KEY"]) == (4, "unchecked"), typed.err
    assert typed.document["error"]["code"] == "unreachable" and somebody.runpod.key in somebody.config_env.read_text()


@pytest.mark.parametrize(
    ("text", "code", "number"),
    [("PATH=/bin\n", "no_secret", 2), ("RUNPOD_APIKEY=very-secret\n", "no_secret", 2), ("very-secret\n", "bad_config_env", 3)],
)
def test_a_secrets_file_holds_keys_alone_and_is_never_repeated(somebody: Beginner, text: str, code: str, number: int) -> None:
    typed = somebody.init(stdin=text)
    assert (typed.code, typed.document["error"]["code"]) == (number, code)
    assert "very-secret" not in typed.out + typed.err and not somebody.config_env.exists()


def test_a_secrets_file_that_others_can_read_is_refused(somebody: Beginner) -> None:
    path = somebody.shell.work / "keys"
    path.write_text(somebody.keys())
    path.chmod(0o644)
    typed = somebody.shell.type("init", "--secrets-file", "keys", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (3, "secrets_readable")
    path.chmod(0o600)
    typed = somebody.shell.type("init", "--secrets-file", "keys", "--image", somebody.image, *VOLUME, "--json")
    assert typed.code == 0 and somebody.config_env.read_text() == somebody.keys()
    assert somebody.shell.type("init", "--secrets-file", "nothing", "--json").code == 3


@pytest.mark.parametrize(
    ("content", "code"), [(b"HF_TOKEN=very-secret\xff\n", "not_utf8"), (b"HF_TOKEN=very-secret\n" * 5000, "no_secrets_file")]
)
def test_a_secrets_file_that_is_none_is_refused_whole_and_never_shown(somebody: Beginner, content: bytes, code: str) -> None:
    path = somebody.shell.work / "keys"
    path.write_bytes(content)
    path.chmod(0o600)
    with path.open(encoding="utf-8") as stdin:
        here = somebody.shell.type("init", "--secrets-file", "keys", "--json", "--debug")
        piped = main(
            ("init", "--secrets-file", "-", "--json", "--debug"),
            Environment(stdin=stdin, stdout=(out := io.StringIO()), stderr=(err := io.StringIO()), variables=somebody.shell.variables),
        )
    assert here.document["error"]["code"] == json.loads(out.getvalue())["error"]["code"] == code
    assert here.code == piped and "very-secret" not in here.out + here.err + out.getvalue() + err.getvalue()
    assert not somebody.config_env.exists()


def test_a_home_that_is_not_there_is_no_bug(somebody: Beginner) -> None:
    typed = somebody.shell.type("init", "--secrets-file", "~nobody-of-that-name/keys", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (3, "secrets_unreadable")


def test_a_key_is_no_flag(somebody: Beginner) -> None:
    for name in ("--runpod-api-key", "--hf-token", "--anthropic-api-key", "--key", "--token"):
        typed = somebody.shell.type("init", name, "x")
        assert typed.code == 2 and "No such option" in typed.err


def test_the_named_ssh_key_is_taken_or_made(somebody: Beginner) -> None:
    typed = somebody.init("--ssh-key", "~/.ssh/pods", "--image", somebody.image, *VOLUME)
    path = Path(somebody.shell.variables["HOME"]) / ".ssh" / "pods"
    assert typed.code == 0 and mode(path) == 0o600 and "ssh_key: ~/.ssh/pods" in somebody.config_yaml
    path.chmod(0o644)
    typed = somebody.shell.type("init", "--json")
    assert (typed.code, steps(typed)["ssh key"]) == (3, "failed") and "chmod 600" in typed.err


def test_as_a_process_of_its_own_no_key_is_in_its_arguments_or_output(somebody: Beginner, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(somebody.keys())
    path.chmod(0o600)
    started = somebody.shell.start("init", "--secrets-file", str(path), "--image", somebody.image, *VOLUME, "--json")
    arguments = Path(f"/proc/{started.pid}/cmdline").read_bytes().decode()
    out, err = started.communicate(timeout=120)
    assert started.returncode == 0, err
    assert json.loads(out)["error"] is None
    for secret in somebody.secrets:
        assert secret not in arguments + out + err


def test_a_shell_without_any_account_gets_the_same_list(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home", {"HOME": str(tmp_path)})
    assert shell.type("init").code == 3
