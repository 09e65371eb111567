"""The ledger: what was started, what became of it, and finding it again."""

import os
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.pictures import NOON, a_user

from fluxctl.environment import Environment
from fluxctl.errors import ExitCode, SettingsError, UsageError
from fluxctl.ledger import JobEntry, Ledger, LedgerError, PictureEntry, schema, storage


def a_job(number: int = 1, **changes: object) -> JobEntry:
    entry = JobEntry(
        id=f"{number:02x}" * 16,
        provider="local",
        pod_id="pod",
        model="embedded",
        order={"recipes": [{"prompt": "ein Füchs"}], "destination": {"folder": "/x"}},
        created_at=NOON + number,
        picture_count=2,
    )
    return replace(entry, **changes)  # pyright: ignore[reportArgumentType]


def a_picture(number: int = 1, **changes: object) -> PictureEntry:
    entry = PictureEntry(
        job_id="01" * 16,
        index=number,
        path=Path(f"/pictures/{number:04d}_x.png"),
        seed=1000 + number,
        width=256,
        height=256,
        steps=4,
        sha256="0" * 64,
        prompt_typed=f"picture {number}",
        prompt_used=f"picture {number}",
        model="embedded",
        duration_seconds=1.5,
        created_at=NOON + number,
    )
    return replace(entry, **changes)  # pyright: ignore[reportArgumentType]


def test_a_job_comes_back_as_it_was_noted(ledger: Ledger) -> None:
    ledger.add_job(a_job())
    assert ledger.job("01" * 16) == a_job()
    assert ledger.jobs() == [a_job()]


def test_a_job_that_is_noted_twice_stays_as_it_is(ledger: Ledger) -> None:
    ledger.add_job(a_job())
    ledger.end_job("01" * 16, "done", NOON + 9)
    ledger.add_job(a_job())
    assert ledger.jobs() == [a_job(state="done", ended_at=NOON + 9)]


def test_a_job_is_found_by_how_its_id_begins(ledger: Ledger) -> None:
    ledger.add_job(a_job(id="abc1" + "0" * 28))
    ledger.add_job(a_job(id="abd2" + "0" * 28))
    for typed in ("abc", "ABC1", " abc1 ", "abc1" + "0" * 28):
        found = ledger.job(typed)
        assert found is not None
        assert found.id.startswith("abc1")
    for typed in ("abe", "", "%", "_", "abc1" + "0" * 29):
        assert ledger.job(typed) is None


def test_a_beginning_that_several_jobs_share_is_refused_and_they_are_named(ledger: Ledger) -> None:
    ledger.add_job(a_job(id="abc1" + "0" * 28))
    ledger.add_job(a_job(id="abd2" + "0" * 28))
    with pytest.raises(UsageError) as caught:
        ledger.job("ab")
    assert "abc1" in caught.value.message
    assert "abd2" in caught.value.message
    assert caught.value.hint


def test_jobs_come_newest_first_and_only_open_ones_are_unfinished(ledger: Ledger) -> None:
    for number in range(1, 6):
        ledger.add_job(a_job(number))
    for number, state in ((1, "done"), (2, "failed"), (3, "cancelled")):
        ledger.end_job(a_job(number).id, state, NOON)  # pyright: ignore[reportArgumentType]
    assert [job.id[:2] for job in ledger.jobs()] == ["05", "04", "03", "02", "01"]
    assert [job.id[:2] for job in ledger.jobs(limit=2)] == ["05", "04"]
    assert [job.id[:2] for job in ledger.unfinished_jobs()] == ["05", "04"]


def test_a_picture_comes_back_as_it_was_noted(ledger: Ledger) -> None:
    entry = a_picture(seed=2**63 - 1, prompt_typed="fög 🦊\nzwei", prompt_used="A granite lighthouse", cost_usd=0.0011)
    ledger.add_picture(entry)
    assert ledger.history() == [entry]
    assert ledger.pictures_of(entry.job_id) == [entry]
    assert ledger.pictures_of("none") == []


def test_a_picture_that_is_noted_twice_is_there_once_with_its_new_place(ledger: Ledger) -> None:
    ledger.add_picture(a_picture(cost_usd=0.5))
    ledger.add_picture(a_picture(path=Path("/new.png"), created_at=NOON + 99))
    assert ledger.history() == [a_picture(path=Path("/new.png"), cost_usd=0.5)]
    assert ledger.history(["new.png"]) != []


def test_a_path_that_is_not_utf8_comes_back(ledger: Ledger) -> None:
    entry = a_picture(path=Path(os.fsdecode(b"/pictures/\xff\xfe.png")))
    ledger.add_picture(entry)
    assert ledger.history(["pictures"]) == [entry]


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.add_picture(a_picture(1, prompt_typed="A Red Fox in Snow", prompt_used="A Red Fox in Snow"))
    ledger.add_picture(a_picture(2, prompt_typed="a fox", prompt_used="A granite lighthouse, 100% fog_bank"))
    ledger.add_picture(a_picture(3, prompt_typed="EIN SÜSSER FUCHS Straße", prompt_used="x", model="FLUX.1-dev", seed=184467))
    return ledger


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [3, 2, 1]),
        (["fox"], [2, 1]),
        (["FOX", "snow"], [1]),
        (["fox", "nothing"], []),
        (["granite"], [2]),
        (["süsser"], [3]),
        (["STRASSE"], [3]),
        (["100%"], [2]),
        (["%"], [2]),
        (["fog_bank"], [2]),
        (["fog bank"], []),
        (["f_x"], []),
        (["flux.1"], [3]),
        (["184467"], [3]),
        (["0002_x.png"], [2]),
        (["o"], [2, 1]),
        (["", "  "], [3, 2, 1]),
        (["'; DROP TABLE pictures; --"], []),
        (["\udcff"], []),
    ],
)
def test_every_word_must_occur_and_signs_mean_themselves(filled: Ledger, words: list[str], expected: list[int]) -> None:
    assert [entry.index for entry in filled.history(words)] == expected


def test_history_has_a_limit(filled: Ledger) -> None:
    assert [entry.index for entry in filled.history(["fox"], limit=1)] == [2]


def test_only_this_user_can_read_the_ledger(environment: Environment, tmp_path: Path) -> None:
    state = environment.paths.state
    state.mkdir(parents=True, mode=0o755)
    (state / "ledger.db").touch(mode=0o644)
    with Ledger.open(environment) as ledger:
        ledger.add_job(a_job())
        assert state.stat().st_mode & 0o777 == 0o700
        assert {path.name: path.stat().st_mode & 0o777 for path in state.iterdir()} == {
            "ledger.db": 0o600,
            "ledger.db-wal": 0o600,
            "ledger.db-shm": 0o600,
            "ledger.lock": 0o600,
        }


def test_a_state_folder_on_a_windows_drive_is_refused_with_the_way_out(environment: Environment) -> None:
    user = a_user(environment.working_folder, FLUXCTL_HOME="/mnt/c/Users/ada/fluxctl")
    with pytest.raises(SettingsError) as caught:
        Ledger.open(user)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert "/mnt/c/Users/ada" in caught.value.message
    assert "FLUXCTL_HOME" in caught.value.hint


def test_a_link_onto_a_windows_drive_is_seen_through(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/mnt/c/Users")
    with pytest.raises(SettingsError):
        Ledger.open(a_user(tmp_path, FLUXCTL_HOME=str(tmp_path / "link")))


def test_a_file_where_the_state_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "fluxctl").write_text("")
    with pytest.raises(SettingsError) as caught:
        Ledger.open(a_user(tmp_path))
    assert str(tmp_path / "fluxctl") in caught.value.message


def test_a_ledger_of_a_newer_fluxctl_is_left_alone(environment: Environment) -> None:
    Ledger.open(environment).close()
    file = environment.paths.state / "ledger.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(SettingsError, match="newer"):
        Ledger.open(environment)
    assert file.read_bytes() == before


def test_an_older_ledger_is_brought_to_this_version_with_all_it_holds(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.open(environment) as ledger:
        ledger.add_job(a_job())
    further = (*schema.MIGRATIONS, ("ALTER TABLE jobs ADD COLUMN later TEXT", "UPDATE jobs SET later = 'x'"))
    monkeypatch.setattr(schema, "MIGRATIONS", further)
    monkeypatch.setattr(schema, "VERSION", len(further))
    monkeypatch.setattr(storage, "VERSION", len(further))
    with Ledger.open(environment) as ledger:
        assert ledger.jobs() == [a_job()]
    connection = sqlite3.connect(environment.paths.state / "ledger.db")
    assert connection.execute("SELECT later FROM jobs").fetchall() == [("x",)]
    assert schema.version_of(connection) == len(further)
    connection.close()


def test_a_step_that_fails_changes_nothing(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.open(environment) as ledger:
        ledger.add_job(a_job())
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("ALTER TABLE jobs ADD COLUMN later TEXT", "nonsense")))
        patch.setattr(schema, "VERSION", len(schema.MIGRATIONS))
        patch.setattr(storage, "VERSION", len(schema.MIGRATIONS))
        with pytest.raises(LedgerError):
            Ledger.open(environment)
    with Ledger.open(environment) as ledger:
        assert ledger.jobs() == [a_job()]


def test_processes_that_begin_a_ledger_at_once_all_write_into_it(environment: Environment) -> None:
    program = """
        import sys
        from fluxctl.environment import Environment
        from fluxctl.ledger import Ledger, JobEntry
        sys.stdin.read()
        for index in range(20):
            with Ledger.open(Environment()) as ledger:
                ledger.add_job(JobEntry(f"{sys.argv[1]}{index:031x}", "local", "pod", "m", {}, float(index), 1))
                ledger.end_job(f"{sys.argv[1]}{index:031x}", "done", 1.0)
    """
    variables = {**os.environ, "FLUXCTL_HOME": environment.variables["FLUXCTL_HOME"]}
    start = [sys.executable, "-c", textwrap.dedent(program)]
    running = [subprocess.Popen([*start, str(name)], stdin=subprocess.PIPE, env=variables) for name in range(3)]
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait(60) for process in running] == [0, 0, 0]
    with Ledger.open(environment) as ledger:
        assert len(ledger.jobs(limit=100)) == 60
        assert ledger.unfinished_jobs() == []


def test_a_ledger_can_be_used_from_another_thread(ledger: Ledger) -> None:
    import threading

    thread = threading.Thread(target=ledger.add_job, args=(a_job(),))
    thread.start()
    thread.join()
    assert ledger.jobs() == [a_job()]
