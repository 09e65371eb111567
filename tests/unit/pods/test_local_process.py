"""Detached processes: what they are given, what they leave in their logs, and how they are ended."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fluxctl.errors import ProviderError
from fluxctl.providers import local_process
from fluxctl.providers.local_process import process_environment, start_detached, tail
from fluxctl.providers.process_lock import ProcessLock

HOLDER = """
import sys, signal, time
from pathlib import Path
from fluxpod.process_lock import process_lock
if "stubborn" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
with process_lock(Path(sys.argv[1])):
    time.sleep(60)
"""


def start_holder(lock: Path, *more: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(lock), *more])
    while not ProcessLock(lock).names(process.pid):
        assert process.poll() is None
        time.sleep(0.01)
    return process


def test_keys_and_what_would_change_python_are_not_handed_on() -> None:
    variables = {
        "PATH": "/bin",
        "RUNPOD_API_KEY": "a",
        "ANTHROPIC_API_KEY": "b",
        "HF_TOKEN": "c",
        "PYTHONWARNINGS": "error",
        "FLUXPOD_SOCKET": "/old",
    }
    given = process_environment(variables, Path("/home/me"), {"FLUXPOD_ROOT": "/r"})
    assert given == {"PATH": "/bin", "PYTHONUNBUFFERED": "1", "FLUXPOD_ROOT": "/r"}


def test_relative_module_folders_stay_the_same_in_another_folder() -> None:
    given = process_environment({"PYTHONPATH": "src:/lib"}, Path("/home/me"), {})
    assert given["PYTHONPATH"] == "/home/me/src:/lib"


def test_the_tail_shows_only_the_last_life(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    for word in ("first", "second"):
        process = start_detached([sys.executable, "-c", f"print('{word}'); print('end')"], {}, log, 0.0)
        process.wait()
    assert tail(log, 10).lines == ("second", "end")
    assert tail(log, 1).lines == ("end",)
    assert "1970-01-01T00:00:00Z" in log.read_text()


def test_a_log_that_is_not_there_or_without_marks_can_be_shown(tmp_path: Path) -> None:
    assert tail(tmp_path / "no.log", 5).lines == ()
    (tmp_path / "plain.log").write_bytes(b"one\n\xfftwo\n")
    assert tail(tmp_path / "plain.log", 5).lines == ("one", "\ufffdtwo")


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_process, "LARGEST_LOG_BYTES", 10)
    log = tmp_path / "worker.log"
    log.write_text("a long story\n")
    start_detached([sys.executable, "-c", ""], {}, log, 0.0).wait()
    assert (tmp_path / "worker.log.1").read_text() == "a long story\n"
    assert "a long story" not in log.read_text()


def test_a_program_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="no-such-program"):
        start_detached(["/no-such-program"], {}, tmp_path / "log", 0.0)


def test_a_lock_tells_who_lives(tmp_path: Path) -> None:
    lock = ProcessLock(tmp_path / "run.lock")
    assert lock.holder() is None
    process = start_holder(lock.path)
    assert lock.holder() == process.pid
    process.kill()
    process.wait()
    assert not lock.is_held()
    assert lock.holder() is None
    assert lock.names(process.pid)


@pytest.mark.parametrize(("how", "code"), [([], -signal.SIGTERM), (["stubborn"], -signal.SIGKILL)])
def test_a_holder_is_asked_to_end_and_then_made_to(tmp_path: Path, how: list[str], code: int) -> None:
    lock = ProcessLock(tmp_path / "run.lock")
    process = start_holder(lock.path, *how)
    assert lock.end_holder(0.3, time.monotonic, time.sleep)
    assert process.wait() == code


def test_a_process_that_only_got_a_dead_ones_id_is_left_alone(tmp_path: Path) -> None:
    lock = ProcessLock(tmp_path / "run.lock")
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    lock.path.write_text(f"{bystander.pid}\n")
    assert lock.end_holder(0.3, time.monotonic, time.sleep)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_what_cannot_be_ended_is_not_taken_for_gone(tmp_path: Path) -> None:
    lock = ProcessLock(tmp_path / "run.lock")
    process = start_holder(lock.path)
    lock.path.write_text("not a number\n")
    assert not lock.end_holder(0.1, time.monotonic, time.sleep)
    process.kill()
    process.wait()
