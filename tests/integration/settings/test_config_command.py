"""`fluxctl config`, as typed: what it prints where, its exit codes, and the files that it changes."""

import io
import json
import os
import subprocess
import sys

import pytest

from fluxctl.cli.main import main
from fluxctl.environment import Environment


class Shell:
    """Types commands for a person with a home of their own."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.config = self.home / "config"
        self.config.mkdir(parents=True)
        self.work = folder
        self.variables = {"FLUXCTL_HOME": str(self.home)}

    def type(self, *words):
        """Return exit code, stdout and stderr."""
        stdout, stderr = io.StringIO(), io.StringIO()
        world = Environment(stdin=io.StringIO(), stdout=stdout, stderr=stderr, variables=self.variables, working_folder=self.work)
        return main(words, world), stdout.getvalue(), stderr.getvalue()


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


def test_show_prints_every_value_with_where_it_came_from(shell):
    (shell.config / "config.yaml").write_text("pictures:\n  format: webp\n")
    shell.variables["STEPS_QUALITY"] = "77"
    code, out, _ = shell.type("config", "show")
    table = {line.split()[0]: line.split(maxsplit=2)[1:] for line in out.splitlines()}
    assert code == 0
    assert table["pictures.format"] == ["webp", f"{shell.config / 'config.yaml'}:2"]
    assert table["presets.quality.steps"] == ["77", "environment variable STEPS_QUALITY"]
    assert table["pod.idle_timeout_seconds"][0] == "600" and "config_defaults.yaml:" in table["pod.idle_timeout_seconds"][1]


def test_show_json_is_one_object_with_values_of_their_own_kind(shell):
    shell.variables["FLUXCTL_PICTURES__OPEN"] = "yes"
    code, out, _ = shell.type("config", "show", "--json")
    shown = json.loads(out)
    assert code == 0 and shown["schema"] == 1
    assert shown["settings"]["pictures.open"] == {"value": True, "origin": "environment variable FLUXCTL_PICTURES__OPEN"}
    assert shown["settings"]["generate.preset"]["value"] is None
    assert shown["settings"]["models.FLUX.1-schnell.maximum_sequence_length"]["value"] == 256


def test_secrets_are_shown_as_set_or_not_and_never_themselves(shell):
    (shell.config / "config.env").write_text("HF_TOKEN=abc-very-secret\n")
    (shell.config / "config.env").chmod(0o600)
    shell.variables["RUNPOD_API_KEY"] = "def-very-secret"
    _, table, talk = shell.type("config", "show")
    _, document, more_talk = shell.type("config", "show", "--json")
    assert "very-secret" not in table + document + talk + more_talk
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in table.splitlines()}
    assert rows["RUNPOD_API_KEY"] == "set environment variable RUNPOD_API_KEY"
    assert rows["ANTHROPIC_API_KEY"] == "not set"
    assert json.loads(document)["secrets"] == {
        "RUNPOD_API_KEY": {"set": True, "origin": "environment variable RUNPOD_API_KEY"},
        "ANTHROPIC_API_KEY": {"set": False, "origin": None},
        "HF_TOKEN": {"set": True, "origin": f"{shell.config / 'config.env'}:1 (HF_TOKEN)"},
    }


def test_hints_about_the_older_tools_file_are_said(shell):
    (shell.work / "config.env").write_text("RUNPOD_HOST=1.2.3.4\n")
    (shell.work / "config.env").chmod(0o600)
    code, _, talk = shell.type("config", "show")
    assert code == 0 and "RUNPOD_HOST is not needed any more" in talk


def test_a_broken_file_is_one_message_and_exit_code_3(shell):
    (shell.config / "config.yaml").write_text("pod:\n  idle_timout_seconds: 5\n")
    code, out, talk = shell.type("config", "show")
    assert (code, out) == (3, "")
    assert talk.startswith(f"error: {shell.config / 'config.yaml'}:2: unknown setting pod.idle_timout_seconds; did you mean")
    assert "Traceback" not in talk


def test_a_file_that_others_can_read_is_exit_code_3_with_the_chmod(shell):
    path = shell.config / "config.env"
    path.write_text("HF_TOKEN=x\n")
    path.chmod(0o644)
    code, _, talk = shell.type("config", "show")
    assert code == 3 and f"chmod 600 {path}" in talk
    path.chmod(0o600)
    assert shell.type("config", "show")[0] == 0


def test_path_works_even_with_broken_settings(shell):
    (shell.config / "config.yaml").write_text("pod: [\n")
    code, out, _ = shell.type("config", "path")
    assert code == 0
    assert [line.split()[-1] for line in out.splitlines()[1:]] == ["yes", "yes", "no", "no"]
    code, out, _ = shell.type("config", "path", "--json")
    assert json.loads(out)["files"][1] == {"path": str(shell.config / "config.yaml"), "exists": True}


def test_set_writes_shows_and_is_there_at_the_next_command(shell):
    code, out, talk = shell.type("config", "set", "pictures.format", "webp")
    assert (code, talk) == (0, "") and out == f"pictures.format: webp  ({shell.config / 'config.yaml'}:2)\n"
    assert json.loads(shell.type("config", "show", "--json")[1])["settings"]["pictures.format"]["value"] == "webp"


def test_set_warns_when_something_goes_before_it(shell):
    shell.variables["FLUXCTL_PICTURES__FORMAT"] = "jpeg"
    code, _, talk = shell.type("config", "set", "pictures.format", "webp")
    assert code == 0 and talk == "warning: environment variable FLUXCTL_PICTURES__FORMAT goes before it\n"


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["pictures.formt", "webp"], 2, "did you mean pictures.format?"),
        (["pictures.format", "jpg"], 2, "did you mean jpeg?"),
        (["generate.guidance", "-1"], 2, 'generate.guidance is "-1"'),
        (["hf_token", "abc-very-secret"], 3, "chmod 600"),
        (["pictures.format"], 2, "VALUE"),
    ],
)
def test_a_wrong_set_writes_nothing(shell, words, code, part):
    result, out, talk = shell.type("config", "set", *words)
    assert (result, out) == (code, "") and part in talk
    assert "abc-very-secret" not in talk
    assert not (shell.config / "config.yaml").exists()


def test_a_wrong_value_can_be_put_right_with_set(shell):
    (shell.config / "config.yaml").write_text("# mine\npictures:\n  format: jpg\n")
    assert shell.type("config", "show")[0] == 3
    assert shell.type("config", "set", "pictures.format", "jpeg")[0] == 0
    assert (shell.config / "config.yaml").read_text() == "# mine\npictures:\n  format: jpeg\n"


def test_a_real_process_prints_its_settings(shell):
    variables = {**os.environ, **shell.variables, "STEPS_FAST": "3"}
    command = [sys.executable, "-m", "fluxctl", "config", "show", "--json"]
    done = subprocess.run(command, env=variables, cwd=shell.work, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["settings"]["presets.fast.steps"] == {"value": 3, "origin": "environment variable STEPS_FAST"}
