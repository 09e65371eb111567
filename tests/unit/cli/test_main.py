"""The main app: exit codes, errors in words and in JSON, help."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.shell import Shell

import fluxctl
from fluxctl import errors
from fluxctl.cli.main import main
from fluxctl.environment import Environment
from fluxctl.errors import ExitCode, FluxctlError


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


def test_the_exit_codes_are_the_documented_ones() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    for code in ExitCode:
        assert f"\n| {int(code)} | " in readme
    kinds = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FluxctlError)}
    assert kinds == set(ExitCode) - {ExitCode.DONE}


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("gen", "--help"), ("config", "--help"), ("config", "set", "--help")])
def test_help_is_help_and_no_error(words: tuple[str, ...], shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.type(*words).code == 0
    assert "Usage: fluxctl" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.type("--version").code == 0
    assert capsys.readouterr().out == f"fluxctl {fluxctl.__version__}\n"


def test_an_unknown_command_is_a_usage_error(shell: Shell) -> None:
    typed = shell.type("generate", "x", "--json")
    assert typed.code == 2
    assert typed.document["error"]["code"] == "usage" and "generate" in typed.err


def test_a_wrong_flag_names_the_commands_own_help(shell: Shell) -> None:
    assert "→ fluxctl gen --help" in shell.type("gen", "x", "--sped", "7").err
    assert "→ fluxctl config --help" in shell.type("config", "shw").err


class BrokenVariables(dict[str, str]):
    """A world in which something is wrong that nobody thought of."""

    def get(self, *_: object) -> str:
        raise RuntimeError("nobody thought of this")


def test_a_bug_reads_as_one_and_keeps_its_traceback_for_debug() -> None:
    shown = {}
    for words in (("history", "--json"), ("history", "--debug")):
        world = Environment(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), variables=BrokenVariables())
        assert main(words, world) == ExitCode.UNEXPECTED
        shown[words[1]] = (world.stdout.getvalue(), world.stderr.getvalue())
    assert json.loads(shown["--json"][0])["error"]["code"] == "unexpected"
    assert "this is a bug" in shown["--json"][1] and "--debug" in shown["--json"][1]
    assert "Traceback" not in shown["--json"][1]
    assert "Traceback" in shown["--debug"][1] and "nobody thought of this" in shown["--debug"][1]


def test_a_home_that_cannot_be_is_no_bug(shell: Shell) -> None:
    shell.variables["FLUXCTL_HOME"] = "/dev/null/nowhere"
    typed = shell.type("history", "--json")
    assert typed.code != 0 and typed.document["error"]["code"] != "unexpected"
    assert "Traceback" not in typed.err


def test_python_dash_m_is_the_same_program() -> None:
    done = subprocess.run([sys.executable, "-m", "fluxctl", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"fluxctl {fluxctl.__version__}\n"
