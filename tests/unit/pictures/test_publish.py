"""A file gets a name that did not exist, or none at all."""

import errno
import os
import subprocess
import sys
import textwrap
from itertools import count
from pathlib import Path

import pytest

from fluxctl.pictures.publish import publish


def test_the_first_free_name_is_taken_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"first")
    assert publish(b"second", tmp_path, iter(["a", "b"])) == tmp_path / "b"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"first", "b": b"second"}


def test_a_name_without_a_file_behind_it_is_taken_too(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    assert publish(b"x", tmp_path, iter(["a", "b"])).name == "b"
    assert not (tmp_path / "elsewhere").exists()


def without_hard_links(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "hardlink_to", refuse)


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_there_are_no_hard_links_no_file_is_written_over_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    without_hard_links(monkeypatch, code)
    (tmp_path / "a").write_bytes(b"first")
    assert publish(b"second", tmp_path, iter(["a", "b"])).name == "b"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"first", "b": b"second"}


def test_a_failure_between_reserving_and_replacing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_hard_links(monkeypatch, errno.EPERM)

    def fail(self: Path, target: Path) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="broken"):
        publish(b"x", tmp_path, iter(["a"]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError) as caught:
        publish(b"x", tmp_path, iter(["a"]))
    assert caught.value.errno == code
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publish(b"x", tmp_path, iter(["a"]))
    assert list(tmp_path.iterdir()) == []


def test_content_and_name_are_synced_before_the_path_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append((tmp_path / "a").exists())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    publish(b"x", tmp_path, iter(["a"]))
    assert synced == [False, True]


def test_the_file_has_the_rights_that_the_person_gives_new_files(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        assert publish(b"x", tmp_path, iter(["a"])).stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(old)


@pytest.mark.parametrize("links", [True, False])
def test_processes_at_once_never_write_over_each_other(tmp_path: Path, links: bool) -> None:
    program = f"""
        import pathlib, sys
        from itertools import count
        from fluxctl.pictures.publish import publish
        if not {links}:
            def refuse(self, target): raise PermissionError(1, "no links")
            pathlib.Path.hardlink_to = refuse
        sys.stdin.read()
        for index in range(30):
            publish(f"{{sys.argv[1]}} {{index}}".encode(), pathlib.Path(sys.argv[2]), (f"{{number}}.png" for number in count(1)))
    """
    start = [sys.executable, "-c", textwrap.dedent(program)]
    running = [subprocess.Popen([*start, str(name), str(tmp_path)], stdin=subprocess.PIPE) for name in range(3)]
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait(60) for process in running] == [0, 0, 0]
    contents = sorted(path.read_bytes().decode() for path in tmp_path.iterdir())
    assert contents == sorted(f"{name} {index}" for name in range(3) for index in range(30))
    assert sorted(int(path.stem) for path in tmp_path.iterdir()) == list(range(1, 91))


def test_names_are_tried_without_end(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / str(number)).touch()
    assert publish(b"x", tmp_path, (str(number) for number in count())).name == "50"
