"""A damaged ledger is kept aside, a new one begun, and nothing else fails."""

import sqlite3
import time
from pathlib import Path

import pytest
from tests.support.pictures import NOON, a_user

from fluxctl.environment import Environment
from fluxctl.ledger import JobEntry, Ledger, LedgerError


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return a_user(tmp_path)


def a_job(number: int) -> JobEntry:
    return JobEntry(f"{number:032x}", "local", "pod", "m", {"text": "x" * 500}, NOON + number, 1)


def a_full_ledger(environment: Environment) -> Path:
    with Ledger.open(environment) as ledger:
        for number in range(40):
            ledger.add_job(a_job(number))
        return ledger.file


def aside(file: Path) -> list[Path]:
    return sorted(file.parent.glob("ledger.db.damaged-*"))


@pytest.mark.parametrize("content", [b"this is no database, it is a text that is long enough" * 50, b"\xff" * 8192])
def test_a_file_that_is_no_ledger_is_kept_and_a_new_one_begun(environment: Environment, content: bytes) -> None:
    file = a_full_ledger(environment)
    file.write_bytes(content)
    with Ledger.open(environment) as ledger:
        ledger.add_job(a_job(1))
        assert ledger.jobs() == [a_job(1)]
        assert len(ledger.notes) == 1
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(NOON))
    assert aside(file) == [file.with_name(f"ledger.db.damaged-{stamp}")]
    assert aside(file)[0].read_bytes() == content
    assert str(aside(file)[0]) in ledger.notes[0]
    with Ledger.open(environment) as again:
        assert again.notes == []


def test_damage_that_shows_only_later_is_met_in_the_middle_of_a_command(environment: Environment) -> None:
    file = a_full_ledger(environment)
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xa5" * (size - 4096))
    with Ledger.open(environment) as ledger:
        ledger.add_job(a_job(7))
        assert ledger.jobs() == [a_job(7)]
        assert len(ledger.notes) == 1
    assert len(aside(file)) == 1


def test_two_damaged_ledgers_in_one_second_are_both_kept(environment: Environment) -> None:
    file = a_full_ledger(environment)
    for text in (b"first damage " * 99, b"second damage " * 99):
        file.write_bytes(text)
        Ledger.open(environment).close()
    assert sorted(path.read_bytes()[:5] for path in aside(file)) == [b"first", b"secon"]


def test_a_second_process_uses_the_new_ledger_and_does_not_set_it_aside(environment: Environment) -> None:
    file = a_full_ledger(environment)
    file.write_bytes(b"damage " * 999)
    with Ledger.open(environment) as first, Ledger.open(environment) as second:
        first.add_job(a_job(1))
        second.add_job(a_job(2))
        assert [job.id for job in first.jobs()] == [a_job(2).id, a_job(1).id]
    assert len(aside(file)) == 1


def test_an_empty_file_becomes_a_ledger(environment: Environment) -> None:
    file = a_full_ledger(environment)
    file.write_bytes(b"")
    with Ledger.open(environment) as ledger:
        assert ledger.jobs() == []
    assert aside(file) == []


def test_a_ledger_that_is_locked_for_too_long_is_an_error_not_damage(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluxctl.ledger.storage.BUSY_TIMEOUT_SECONDS", 0.05)
    file = a_full_ledger(environment)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with Ledger.open(environment) as ledger, pytest.raises(LedgerError) as caught:
            ledger.add_job(a_job(999))
    finally:
        holder.close()
    assert "locked" in caught.value.message
    assert str(file) in caught.value.message
    assert aside(file) == []


def test_a_folder_in_the_ledgers_place_is_an_error(environment: Environment) -> None:
    environment.paths.state.mkdir(parents=True)
    (environment.paths.state / "ledger.db").mkdir()
    with pytest.raises(LedgerError) as caught:
        Ledger.open(environment)
    assert caught.value.hint


def test_a_full_disk_is_an_error_and_the_ledger_stays(environment: Environment) -> None:
    file = a_full_ledger(environment)
    with Ledger.open(environment) as ledger:
        ledger._open().execute("PRAGMA max_page_count = 1")  # pyright: ignore[reportPrivateUsage] - SQLite's own way to say "full"
        with pytest.raises(LedgerError, match="full"):
            for number in range(1000, 2000):
                ledger.add_job(a_job(number))
    with Ledger.open(environment) as ledger:
        assert len(ledger.jobs(limit=10_000)) >= 40
    assert aside(file) == []
