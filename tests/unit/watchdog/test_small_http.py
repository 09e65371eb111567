"""The watchdog's own small HTTP: whatever the other side does, it gets an answer or None, in time."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fluxpod.small_http import Answer, ask

Serve = Callable[[socket.socket], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Serve], Path]]:
    """Let a function speak to the one connection that comes; the path to connect to."""
    threads: list[threading.Thread] = []
    with tempfile.TemporaryDirectory(prefix="uh-", dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as listener:
        path = Path(folder) / "s"
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(5)

        def begin(speak: Serve) -> Path:
            def accept() -> None:
                connection, _ = listener.accept()
                with connection:
                    speak(connection)

            threads.append(threading.Thread(target=accept))
            threads[-1].start()
            return path

        yield begin
        for thread in threads:
            thread.join()


def say(*pieces: bytes, pause: float = 0.0) -> Serve:
    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        for piece in pieces:
            try:
                connection.sendall(piece)
            except OSError:
                return
            time.sleep(pause)

    return speak


def test_an_answer_comes_back_with_status_and_json(serve: Callable[[Serve], Path]) -> None:
    path = serve(say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b'{"busy":', b" true}"))
    assert ask(path, "t", "GET", "/v1/idle", None, 2.0) == Answer(200, {"busy": True})


def test_the_request_carries_token_and_body(serve: Callable[[Serve], Path]) -> None:
    heard: list[bytes] = []

    def speak(connection: socket.socket) -> None:
        heard.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 409 Conflict\r\n\r\n")

    path = serve(speak)
    assert ask(path, "the-token", "POST", "/v1/drain", {"activity_seen": 3}, 2.0) == Answer(409, None)
    assert heard[0].startswith(b"POST /v1/drain HTTP/1.0\r\n")
    assert b"Authorization: Bearer the-token\r\n" in heard[0]
    assert heard[0].endswith(b'{"activity_seen": 3}')


@pytest.mark.parametrize("words", [b"", b"hello", b"HTTP/1.1", b"HTTP/1.1 two OK\r\n\r\n", b"SSH-2.0-x 200\r\n\r\n"])
def test_what_is_no_http_is_no_answer(serve: Callable[[Serve], Path], words: bytes) -> None:
    assert ask(serve(say(words)), "t", "GET", "/", None, 2.0) is None


def test_an_answer_that_is_no_json_has_only_a_status(serve: Callable[[Serve], Path]) -> None:
    assert ask(serve(say(b"HTTP/1.1 500 Oops\r\n\r\n<html>")), "t", "GET", "/", None, 2.0) == Answer(500, None)


def test_an_answer_without_end_is_cut_off(serve: Callable[[Serve], Path]) -> None:
    assert ask(serve(say(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 4096] * 40)), "t", "GET", "/", None, 2.0) is None


def test_an_answer_that_drips_is_not_waited_for(serve: Callable[[Serve], Path]) -> None:
    path = serve(say(b"HTTP/1.1 200 OK\r\n\r\n", *[b" "] * 200, pause=0.05))
    began = time.monotonic()
    assert ask(path, "t", "GET", "/", None, 0.3) is None
    assert time.monotonic() - began < 5  # the drip goes on for ten


def test_nobody_there_is_no_answer(tmp_path: Path) -> None:
    assert ask(tmp_path / "none", "t", "GET", "/", None, 1.0) is None
