"""Job records and pictures as files."""

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from fluxpod.jobs.record import JobRecord, ended, new_record, started, to_bytes
from fluxpod.jobs.store import JobStore
from fluxpod.protocol import JobRequest, JobState
from fluxpod.whole_files import is_full, make_folder, write_whole

REQUEST = JobRequest(
    model="m", source="s", prompt="é" * 9, width=64, height=64, steps=1, guidance=1, maximum_sequence_length=16, seeds=(5,)
)


def _record(number: int) -> JobRecord:
    return new_record(f"{number:032x}", "pod", REQUEST, order=number, now=0.0)


def _done(number: int, now: float) -> JobRecord:
    return ended(started(_record(number), now), JobState.DONE, now)


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    """An empty store."""
    return JobStore(tmp_path)


def test_a_record_comes_back_as_it_was_saved(store: JobStore, tmp_path: Path) -> None:
    record = started(_record(1), now=3.5)
    store.save_open(record)
    assert JobStore(tmp_path).load_open() == [record]
    assert store.read_open(record.id) == record
    assert store.load_open(known=[record.id]) == []


def test_an_ended_job_is_no_longer_open(store: JobStore) -> None:
    store.save_open(_record(1))
    store.close(_done(1, now=5.0))
    assert store.load_open() == []
    assert store.read_closed(_record(1).id) == _done(1, now=5.0)


def test_a_job_whose_end_was_written_but_not_its_removal_has_ended(store: JobStore, tmp_path: Path) -> None:
    store.close(_done(1, now=5.0))
    store.save_open(_record(1))
    again = JobStore(tmp_path)
    assert again.load_open() == []
    assert again.read_open(_record(1).id) is None


def test_ended_jobs_are_listed_newest_first_and_no_more_than_asked(store: JobStore) -> None:
    for number in range(1, 6):
        store.close(_done(number, now=100.0 + number))
    store.close(ended(_record(9), JobState.CANCELLED, now=50.0))
    listed = store.newest_closed(2, {JobState.DONE})
    assert [record.id for record in listed] == [_record(5).id, _record(4).id]
    assert [record.id for record in store.newest_closed(9, {JobState.CANCELLED})] == [_record(9).id]
    assert len(store.newest_closed(99, set(JobState))) == 6


def test_a_job_that_another_pod_ended_is_found(store: JobStore, tmp_path: Path) -> None:
    other = JobStore(tmp_path)
    assert store.read_closed(_record(1).id) is None
    other.close(_done(1, now=5.0))
    assert store.read_closed(_record(1).id) == _done(1, now=5.0)
    assert len(store.newest_closed(9, {JobState.DONE})) == 1


def test_an_end_written_twice_stays_one_file(store: JobStore, tmp_path: Path) -> None:
    store.close(_done(1, now=5.0))
    store.close(_done(1, now=5.0).changed(acknowledged=True))
    assert len(list((tmp_path / "closed").iterdir())) == 1
    found = store.read_closed(_record(1).id)
    assert found
    assert found.status.acknowledged


def test_old_jobs_are_forgotten_with_their_pictures(store: JobStore) -> None:
    for number, now in ((1, 10.0), (2, 20.0), (3, 30.0)):
        store.save_picture(_record(number).id, 0, b"png")
        store.close(_done(number, now))
    assert store.forget_closed(ended_before=25.0) == 2
    assert [store.picture_path(_record(number).id, 0).exists() for number in (1, 2, 3)] == [False, False, True]
    assert [store.read_closed(_record(number).id) is None for number in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"null", b"{}", b'{"schema_version": 1, "order": "x"}'])
def test_a_record_that_cannot_be_read_is_set_aside(store: JobStore, tmp_path: Path, content: bytes) -> None:
    store.save_open(_record(1))
    name = f"{_record(2).id}.json"
    (tmp_path / "open" / name).write_bytes(content)
    assert store.load_open() == [_record(1)]
    assert (tmp_path / "set_aside" / name).read_bytes() == content


@pytest.mark.parametrize("kept", range(0, 400, 23))
def test_a_truncated_record_never_stops_the_store(store: JobStore, tmp_path: Path, kept: int) -> None:
    (tmp_path / "open" / f"{_record(1).id}.json").write_bytes(to_bytes(_record(1))[:kept])
    assert store.load_open() == []


def test_a_record_of_a_newer_worker_is_left_alone(store: JobStore, tmp_path: Path) -> None:
    path = tmp_path / "open" / f"{_record(1).id}.json"
    path.write_text('{"schema_version": 2, "anything": true}')
    assert store.load_open() == []
    assert path.exists()


def test_what_an_interrupted_write_left_is_no_record_and_goes_in_time(tmp_path: Path) -> None:
    JobStore(tmp_path)
    fresh, old = tmp_path / "open" / ".a.json.1.new", tmp_path / "open" / ".b.json.1.new"
    for path in (fresh, old):
        path.write_text("{")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    assert JobStore(tmp_path).load_open() == []
    assert [fresh.exists(), old.exists()] == [True, False]


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "file"
    make_folder(path.parent)
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    (path / "inside").write_text("kept")
    with pytest.raises(OSError) as caught:
        write_whole(path, b"no file can take the place of a folder")
    assert not is_full(caught.value)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)])
def test_a_full_disk_is_told_from_other_errors(number: int, expected: bool) -> None:
    assert is_full(OSError(number, "x")) is expected
    assert not is_full(ValueError())


def test_startup_and_list_stay_flat_with_ten_thousand_ended_jobs(tmp_path: Path) -> None:
    content = to_bytes(_done(1, now=1.0))
    folder = tmp_path / "closed"
    folder.mkdir()
    for number in range(10_000):
        (folder / f"{number:015d}.{number:032x}.done.json").write_bytes(content)
    begun = time.perf_counter()
    store = JobStore(tmp_path)
    assert store.load_open() == []
    assert len(store.newest_closed(50, {JobState.DONE})) == 50
    assert store.read_closed("f" * 32) is None
    assert time.perf_counter() - begun < 2.0  # reading them all takes longer than that
    reads = time.perf_counter()
    for _ in range(100):
        store.newest_closed(1, {JobState.DONE})
    assert (time.perf_counter() - reads) / 100 < 0.05
