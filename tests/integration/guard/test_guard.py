"""The guard itself: neither this process nor one that a test starts can leave this machine."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ELSEWHERE = ("192.0.2.1", 9)
"""TEST-NET-1 (RFC 5737): an address that nobody has."""


@pytest.fixture
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    log = tmp_path / "sockets"
    monkeypatch.setenv("SOCKET_GUARD_LOG", str(log))
    return log


def test_this_process_cannot_reach_another_machine(own_log: Path) -> None:
    with socket.socket() as anywhere, pytest.raises(OSError, match="tests stay on this machine"):
        anywhere.connect(ELSEWHERE)
    assert "192.0.2.1" in own_log.read_text()


def test_no_name_is_looked_up_elsewhere(own_log: Path) -> None:
    with pytest.raises(OSError, match="tests stay on this machine"):
        socket.getaddrinfo("example.com", 443)
    assert "example.com" in own_log.read_text()


def test_a_process_that_a_test_starts_cannot_either(own_log: Path) -> None:
    program = f"import socket; socket.socket().connect({ELSEWHERE!r})"
    done = subprocess.run([sys.executable, "-c", program], env=dict(os.environ), capture_output=True, text=True)
    assert done.returncode != 0
    assert "tests stay on this machine" in done.stderr
    assert "192.0.2.1" in own_log.read_text()


def test_loopback_is_allowed(own_log: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert not own_log.exists()
