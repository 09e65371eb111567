"""`fluxctl ssh`: what runs in the pod reads, writes and ends as if it ran here."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from tests.support.far_pod import FarPod
from tests.support.shell import wait_until

from fluxctl.link.remote_shell import remote_line

CHECKOUT = Path(__file__).parents[3]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(far: FarPod) -> Iterator[Start]:
    """Starts a command in the pod, as a process of its own."""
    remote = far.remote()
    fields = {name: getattr(remote, name) for name in ("pod_id", "worker_token", "worker_port", "host_key", "entrypoint_socket")}
    pod = far.home / "pod.json"
    said = {"pod": fields, "address": asdict(far.address()), "settings": asdict(far.settings), "variables": far.variables}
    pod.write_text(json.dumps(said))
    path = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])

    begun: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, **more: object) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(CHECKOUT / "tests" / "support" / "far_command.py"), str(pod), *words]
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, start_new_session=True, **streams)  # type: ignore[call-overload]
        begun.append(process)
        return process

    yield begin
    for process in begun:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for stream in filter(None, (process.stdin, process.stdout, process.stderr)):
            stream.close()


def ended(process: "subprocess.Popen[bytes]", stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    out, err = process.communicate(stdin, timeout=60)
    return process.returncode, out, err


def test_a_command_prints_here_what_it_prints_there(start: Start) -> None:
    assert ended(start("nproc")) == (0, f"{os.cpu_count()}\n".encode(), b"")


@pytest.mark.parametrize("code", [0, 3, 255])
def test_the_exit_code_is_passed_through(start: Start, code: int) -> None:
    assert ended(start(f"exit {code}"))[0] == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_end_by_a_signal_is_told_as_a_shell_tells_it(start: Start, number: signal.Signals) -> None:
    assert ended(start(f"kill -{int(number)} $$"))[0] == 128 + number


def test_streams_stay_apart_and_untouched(start: Start) -> None:
    every_byte = bytes(range(256)) * 300
    assert ended(start("cat"), every_byte) == (0, every_byte, b"")
    assert ended(start("echo out; echo err >&2")) == (0, b"out\n", b"err\n")


def test_several_words_are_these_words_and_one_is_a_line_for_the_shell(start: Start) -> None:
    assert ended(start("printf", "%s|", "a b", "$HOME", "it's", "*"))[1] == b"a b|$HOME|it's|*|"
    assert ended(start("echo one | tr o 0"))[1] == b"0ne\n"
    assert remote_line(["nproc"]).startswith('"${SHELL:-/bin/sh}" -c nproc')


def test_a_shell_reads_its_commands_from_stdin_when_that_is_no_terminal(start: Start) -> None:
    assert ended(start(), b"echo here; exit 4\n")[:2] == (4, b"here\n")


def test_a_shell_has_a_terminal_when_there_is_one(start: Start) -> None:
    master, slave = pty.openpty()
    process = start(stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    os.write(master, b"test -t 0 && echo 'it is' a-terminal; exit 7\n")
    seen = b""
    try:
        while chunk := os.read(master, 4096):
            seen += chunk
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(master)
    assert process.wait(60) == 7
    assert b"it is a-terminal" in seen


def test_a_command_gets_a_terminal_when_it_is_asked_for(start: Start) -> None:
    assert ended(start("--tty", "test -t 1"))[0] == 0
    assert ended(start("test -t 1"))[0] == 1


def test_ctrl_c_ends_it_and_leaves_the_connection_alone(start: Start, far: FarPod) -> None:
    process = start("echo begun; sleep 60")
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    master = far.master()
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(20) == 130
    assert process.stderr is not None
    # The kept connection holds these streams until the command there has ended, too: no end of them is waited for.
    assert b"interrupted" in process.stderr.readline()
    assert far.master() == master


def test_two_at_once_share_the_connection(start: Start, server) -> None:
    both = [start("sleep 0.2; echo done") for _ in range(2)]
    assert [ended(process)[1] for process in both] == [b"done\n"] * 2
    assert server.log.count("Accepted publickey") == 1


def test_a_pod_that_cannot_be_reached_is_told_in_our_words(start: Start, server) -> None:
    server.kill()
    code, out, err = ended(start("nproc"))
    assert (code, out) == (6, b"") and b"nobody listens at 127.0.0.1" in err


def test_a_connection_that_breaks_in_the_middle_is_an_error(start: Start, far: FarPod) -> None:
    process = start("echo begun; sleep 60")
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    os.kill(far.master(), signal.SIGKILL)
    assert ended(process)[0] == 255
    wait_until(lambda: far.tunnel()._master() is None)
