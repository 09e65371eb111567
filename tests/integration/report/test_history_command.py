"""`fluxctl history`, through the main app."""

import io
import json
import time
from pathlib import Path

import pytest
from tests.support.pictures import NOON, a_user

from fluxctl.cli.main import main
from fluxctl.environment import Environment
from fluxctl.ledger import Ledger, PictureEntry


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return a_user(tmp_path)


def run(environment: Environment, *words: str, terminal: bool = False) -> tuple[int, str, str]:
    environment.stdout, environment.stderr = Terminal() if terminal else io.StringIO(), io.StringIO()
    code = main(("history", *words), environment)
    return code, environment.stdout.getvalue(), environment.stderr.getvalue()


def note(environment: Environment, *prompts: str) -> list[Path]:
    """Note one picture a prompt, whose files exist; return their paths."""
    paths: list[Path] = []
    with Ledger.open(environment) as ledger:
        for number, prompt in enumerate(prompts):
            path = environment.working_folder / f"{number}.png"
            path.touch()
            paths.append(path)
            ledger.add_picture(
                PictureEntry("ab" * 16, number, path, 100 + number, 256, 128, 4, "0" * 64, prompt, prompt, "embedded", 1.0, NOON + number)
            )
    return paths


def test_the_newest_picture_comes_first_with_all_that_matters(environment: Environment) -> None:
    paths = note(environment, "a fox", "a lighthouse")
    code, out, _ = run(environment)
    head, first, second = out.splitlines()
    assert code == 0
    assert head.split() == ["WHEN", "SEED", "SIZE", "FILE", "PROMPT"]
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(NOON + 1))
    assert first.split() == [*when.split(), "101", "256x128", str(paths[1]), "a", "lighthouse"]
    assert str(paths[0]) in second


def test_every_word_must_occur(environment: Environment) -> None:
    note(environment, "a red fox", "a red house", "a blue fox")
    code, out, _ = run(environment, "FOX", "red")
    assert code == 0
    assert "a red fox" in out
    assert len(out.splitlines()) == 2


def test_the_limit_counts_pictures(environment: Environment) -> None:
    note(environment, *(f"picture {number}" for number in range(30)))
    assert len(run(environment)[1].splitlines()) == 21
    assert len(run(environment, "--limit", "3")[1].splitlines()) == 4
    for bad in ("0", "-1", "x"):
        code, out, err = run(environment, "--limit", bad)
        assert (code, out) == (2, "")
        assert "--limit" in err


def test_a_file_that_is_gone_is_marked(environment: Environment) -> None:
    paths = note(environment, "a fox", "a house")
    paths[0].unlink()
    _, out, _ = run(environment)
    assert f"{paths[0]} (gone)" in out
    assert f"{paths[1]} (gone)" not in out
    _, out, _ = run(environment, "--json")
    assert [picture["exists"] for picture in json.loads(out)["pictures"]] == [True, False]


def test_json_holds_what_the_ledger_holds(environment: Environment) -> None:
    paths = note(environment, "ein Füchs\nim Schnee")
    code, out, _ = run(environment, "--json")
    assert code == 0
    assert json.loads(out) == {
        "schema": 1,
        "error": None,
        "pictures": [
            {
                "created_at": NOON,
                "job_id": "ab" * 16,
                "path": str(paths[0]),
                "exists": True,
                "seed": 100,
                "width": 256,
                "height": 128,
                "steps": 4,
                "sha256": "0" * 64,
                "model": "embedded",
                "prompt": {"typed": "ein Füchs\nim Schnee", "used": "ein Füchs\nim Schnee", "enhanced": False},
                "duration_seconds": 1.0,
                "cost_usd": None,
            }
        ],
    }


def test_long_prompts_are_cut_on_a_terminal_and_whole_in_a_pipe(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = "a lighthouse " * 100
    paths = note(environment, prompt, "short", "狐" * 200)
    assert prompt.strip() in run(environment)[1]
    monkeypatch.setenv("COLUMNS", str(len(str(paths[0])) + 90))
    _, out, _ = run(environment, terminal=True)
    cut = next(line for line in out.splitlines() if "a lighthouse" in line)
    assert len(cut) <= len(str(paths[0])) + 90
    assert cut.endswith("…")
    assert any(line.endswith("short") for line in out.splitlines())


def test_a_picture_takes_one_line_whatever_its_prompt_holds(environment: Environment) -> None:
    note(environment, "line one\nline two\r\n\x1b[31mred")
    _, out, _ = run(environment)
    assert len(out.splitlines()) == 2
    assert "line one line two" in out
    assert "\x1b" not in out


def test_an_empty_history_says_how_to_begin(environment: Environment) -> None:
    code, out, err = run(environment)
    assert (code, out) == (0, "")
    assert "fluxctl gen" in err
    code, out, _ = run(environment, "--json")
    assert (code, json.loads(out)) == (0, {"schema": 1, "error": None, "pictures": []})


def test_words_that_nothing_has_are_told(environment: Environment) -> None:
    note(environment, "a fox")
    code, out, err = run(environment, "zebra")
    assert (code, out) == (0, "")
    assert "zebra" in err


def test_a_damaged_ledger_is_told_and_history_goes_on(environment: Environment) -> None:
    note(environment, "a fox")
    (environment.paths.state / "ledger.db").write_bytes(b"no ledger " * 999)
    code, _, err = run(environment)
    assert code == 0
    assert "warning: the ledger was damaged" in err
    assert "ledger.db.damaged-" in err


def test_a_state_folder_on_a_windows_drive_is_exit_code_3(tmp_path: Path) -> None:
    code, _, err = run(a_user(tmp_path, FLUXCTL_HOME="/mnt/c/fluxctl"))
    assert code == 3
    assert "Windows drive" in err


def test_a_search_in_ten_thousand_pictures_is_as_quick_as_in_ten(tmp_path: Path) -> None:
    seconds: dict[int, float] = {}
    for count in (10, 10_000):
        user = a_user(tmp_path, FLUXCTL_HOME=str(tmp_path / str(count)))
        with Ledger.open(user) as ledger:
            connection = ledger._open()  # pyright: ignore[reportPrivateUsage] - one transaction, not ten thousand
            connection.execute("BEGIN")
            for number in range(count):
                prompt = f"a red fox in snow with a lighthouse, number {number}"
                ledger.add_picture(
                    PictureEntry("ab" * 16, number, Path("/x.png"), number, 8, 8, 4, "0" * 64, prompt, prompt, "m", 1.0, NOON + number)
                )
            connection.execute("COMMIT")
        with Ledger.open(user) as ledger:
            best = 9.9
            for _ in range(5):
                begin = time.process_time()
                assert len(ledger.history(["fox"])) == min(count, 20) or count == 10
                assert ledger.history(["zebra"]) == []
                best = min(best, time.process_time() - begin)
            seconds[count] = best
    # A command takes at least 0.15 s of Python's start alone; a fifth of that is what more pictures may cost.
    assert seconds[10_000] - seconds[10] < 0.03
