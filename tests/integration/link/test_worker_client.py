"""The typed client against a scripted server on a real unix socket."""

import hashlib
import json
import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

import pytest

from fluxctl.errors import FluxctlError, GenerationError, NotSavedError
from fluxctl.link.client import WorkerClient
from fluxctl.link.connection import STREAM_SECONDS, Timeouts
from fluxctl.link.errors import (
    JobConflictError,
    QueueFullError,
    RecipeRefusedError,
    TokenRefusedError,
    UnknownJobError,
    WorkerDrainingError,
    WorkerUnreachableError,
)
from fluxctl.link.events import MOST_EMPTY_STREAMS
from fluxpod.protocol import EnginePlan, JobRequest, PictureResult

JOB = "0" * 32
PNG = bytes(range(256)) * 400
PLAN = EnginePlan(device="cpu", precision="float32", versions={})
PICTURE = PictureResult(
    index=0,
    seed=7,
    width=64,
    height=64,
    steps=2,
    sha256="x",
    file_sha256=hashlib.sha256(PNG).hexdigest(),
    file_bytes=len(PNG),
    duration_seconds=1.0,
    plan=PLAN,
)
Turn = Callable[[BaseHTTPRequestHandler], None]


class Script:
    """What the server does at each request, in turn; the last turn repeats."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.health: Turn = hang_up
        """What it does whenever it is asked for its health; that takes no turn."""

    def play(self, handler: BaseHTTPRequestHandler) -> None:
        """Take one turn."""
        body = handler.rfile.read(int(handler.headers["Content-Length"] or 0))
        if handler.path == "/v1/health":
            self.health(handler)
            return
        self.bodies.append(body)
        self.requests.append((handler.command, handler.path, dict(handler.headers)))
        self.turns[min(len(self.requests), len(self.turns)) - 1](handler)


class Server(ThreadingMixIn, UnixStreamServer):
    """A thread for each connection."""

    daemon_threads = True


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def socket_file(script: Script) -> Iterator[Path]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            script.play(self)

        do_PUT = do_POST = do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def address_string(self) -> str:
            return ""

    folder = Path(tempfile.mkdtemp(prefix="wc-", dir="/tmp"))
    with Server(str(folder / "s"), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield folder / "s"
        server.shutdown()
        thread.join()
    shutil.rmtree(folder)


@pytest.fixture
def make_client(socket_file: Path) -> Iterator[Callable[..., WorkerClient]]:
    made: list[WorkerClient] = []

    def make(**more: Any) -> WorkerClient:
        made.append(WorkerClient(socket_file, "the-token", **{"timeouts": Timeouts(1, 0.5, 3), **more}))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., WorkerClient]) -> WorkerClient:
    return make_client()


def answer(status: int, body: Any, **headers: str) -> Turn:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def turn(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return turn


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def events(*sent: tuple[str, dict[str, Any]]) -> Turn:
    def turn(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        for number, event in sent:
            handler.wfile.write(f"id: {number}\ndata: {json.dumps(event)}\n\n".encode())
        handler.close_connection = True

    return turn


STEP = {"type": "step", "index": 0, "step": 1, "steps": 2, "iterations_per_second": 1.0, "seconds_left": 1.0}
HEALTH: dict[str, Any] = {"phase": "ready", "seconds_in_phase": 1.0, "version": "1", "source_hash": "x", "features": [], "pod_id": "p"}
IDLE = {"phase": "ready", "activity_seen": 3, "busy": False, "progress": 9}


def test_the_token_goes_with_every_request_and_unknown_fields_are_ignored(client: WorkerClient, script: Script) -> None:
    script.turns = [answer(200, {**IDLE, "a_new_field": 1})]
    assert client.idle().activity_seen == 3
    assert script.requests[0][2]["Authorization"] == "Bearer the-token"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, TokenRefusedError),
        (404, UnknownJobError),
        (409, JobConflictError),
        (422, RecipeRefusedError),
        (429, QueueFullError),
        (503, WorkerDrainingError),
        (500, GenerationError),
    ],
)
def test_each_refusal_is_an_error_of_its_own_with_the_workers_words(
    client: WorkerClient, script: Script, status: int, kind: type[FluxctlError]
) -> None:
    script.turns = [answer(status, {"code": "its_code", "message": "steps: must be at least 1"})]
    with pytest.raises(kind, match="steps: must be at least 1") as raised:
        client.job(JOB)
    assert raised.value.code == "its_code"
    assert raised.value.hint


def test_a_refusal_without_reason_is_still_an_error(client: WorkerClient, script: Script) -> None:
    script.turns = [answer(500, b"<html>broken</html>")]
    with pytest.raises(GenerationError, match="<html>broken"):
        client.job(JOB)


def test_an_answer_that_makes_no_sense_is_said(client: WorkerClient, script: Script) -> None:
    script.turns = [answer(200, {"phase": "ready"})]
    with pytest.raises(WorkerUnreachableError, match="makes no sense"):
        client.idle()


def test_nobody_on_the_socket_is_an_unreachable_worker(tmp_path: Path) -> None:
    alone = WorkerClient(tmp_path / "none.sock", "t")
    with pytest.raises(WorkerUnreachableError):
        alone.health()
    alone.close()


def test_a_worker_that_does_not_answer_is_not_waited_for_for_ever(client: WorkerClient, script: Script) -> None:
    release = threading.Event()
    script.turns = [lambda handler: (release.wait(5), hang_up(handler))[1]]
    with pytest.raises(WorkerUnreachableError, match="in time"):
        client.idle()
    release.set()


def test_a_connection_that_was_just_closed_is_opened_again(client: WorkerClient, script: Script) -> None:
    script.turns = [hang_up, answer(200, IDLE)]
    assert client.idle().progress == 9
    assert len(script.requests) == 2


def test_a_drain_says_whether_something_began_meanwhile(client: WorkerClient, script: Script) -> None:
    script.turns = [answer(409, {"code": "in_use", "message": "used"}), answer(200, IDLE)]
    assert client.drain(3) is False
    assert client.drain(3) is True


def test_events_go_on_after_the_last_one_when_the_stream_breaks(client: WorkerClient, script: Script) -> None:
    script.turns = [
        events(("1", {"type": "queued", "position": 0}), ("2", {"type": "started", "attempt": 1})),
        hang_up,
        events(("3", STEP), ("4", {"type": "something_new"})),
        events(("5", {"type": "done"}), ("6", STEP)),
    ]
    script.health = answer(200, HEALTH)
    assert [event.type for event in client.events(JOB)] == ["queued", "started", "step", "done"]
    assert [headers.get("Last-Event-ID") for _, _, headers in script.requests] == [None, "2", "2", "4"]


def test_events_end_with_an_error_when_the_workers_process_ended(make_client: Callable[..., WorkerClient], script: Script) -> None:
    script.turns = [events(("1", STEP)), hang_up]
    found = make_client(is_alive=lambda: False).events(JOB)
    assert next(found).type == "step"
    with pytest.raises(WorkerUnreachableError) as raised:
        next(found)
    assert raised.value.code == "worker_died"


def test_a_worker_that_breaks_off_every_stream_is_given_up(make_client: Callable[..., WorkerClient], script: Script) -> None:
    script.turns = [events()]
    script.health = answer(200, HEALTH)
    with pytest.raises(WorkerUnreachableError, match="breaks off"):
        list(make_client(sleep=lambda _seconds: None).events(JOB))


@dataclass
class Clock:
    """A clock that only a quiet stream and a pause move."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def quiet(clock: Clock, release: threading.Event, seconds: float) -> Turn:
    """A stream that stays open without a word, for so long on the clock."""

    def turn(handler: BaseHTTPRequestHandler) -> None:
        clock.now += seconds
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        release.wait(10)
        handler.close_connection = True

    return turn


def test_a_worker_that_has_nothing_to_tell_for_an_hour_is_followed(make_client: Callable[..., WorkerClient], script: Script) -> None:
    clock, release = Clock(), threading.Event()
    streams = MOST_EMPTY_STREAMS + 4
    script.turns = [*[quiet(clock, release, 150.0)] * streams, events(("1", {"type": "done"}))]
    script.health = answer(200, HEALTH)
    patient = make_client(timeouts=Timeouts(1, 0.5, 60, 0.05), sleep=clock.sleep, monotonic=lambda: clock.now)
    try:
        assert [event.type for event in patient.events(JOB)] == ["done"]
    finally:
        release.set()
    assert clock.now >= 3600
    assert len(script.requests) == streams + 1


def test_a_sign_of_life_now_and_then_keeps_one_stream_open(make_client: Callable[..., WorkerClient], script: Script) -> None:
    def pings(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for _ in range(6):
            time.sleep(0.1)
            handler.wfile.write(b": ping\n\n")
        handler.wfile.write(b'data: {"type": "done"}\n\n')
        handler.close_connection = True

    script.turns = [pings]
    assert STREAM_SECONDS > 1.5 * 15, "the worker's stream says something every 15 s"
    assert [event.type for event in make_client(timeouts=Timeouts(1, 0.5, 3, 0.4)).events(JOB)] == ["done"]
    assert len(script.requests) == 1


def test_a_worker_that_falls_silent_is_given_up(make_client: Callable[..., WorkerClient], script: Script) -> None:
    clock, release = Clock(), threading.Event()
    script.turns = [quiet(clock, release, 600.0)]
    script.health = lambda handler: (release.wait(10), hang_up(handler))[1]
    silent = make_client(timeouts=Timeouts(1, 0.05, 5, 0.05), sleep=clock.sleep, monotonic=lambda: clock.now)
    try:
        with pytest.raises(WorkerUnreachableError, match="in time"):
            list(silent.events(JOB))
    finally:
        release.set()
    assert 604 <= clock.now <= 620


@pytest.mark.parametrize("token", ["sekrit\nsecond", "sekrit\x00", "sekrité", "sekrit two", ""])
def test_a_token_that_no_header_can_hold_is_refused_and_never_shown(socket_file: Path, script: Script, token: str) -> None:
    script.turns = [answer(200, IDLE)]
    client = WorkerClient(socket_file, token)
    asked: list[Callable[[], object]] = [client.health, lambda: list(client.events(JOB)), lambda: client.drain(1)]
    for ask in asked:
        with pytest.raises(TokenRefusedError) as raised:
            ask()
        told = "".join(traceback.format_exception(raised.value))
        assert "sekrit" not in f"{raised.value.message} {raised.value.hint}"
        assert "Bearer" not in told
    client.close()
    assert script.requests == []


def test_what_cannot_be_sent_is_said_in_our_words(client: WorkerClient, script: Script) -> None:
    script.turns = [answer(200, IDLE)]
    with pytest.raises(WorkerUnreachableError, match="cannot be spoken to"):
        client.job("a\nb")


def test_a_recipe_goes_without_the_fields_that_hold_nothing(client: WorkerClient, script: Script) -> None:
    request = JobRequest(
        model="m",
        source="embedded",
        revision=None,
        prompt="p",
        clip_prompt=None,
        width=64,
        height=64,
        steps=2,
        guidance=0,
        maximum_sequence_length=32,
        seeds=(0,),
    )
    script.turns = [answer(201, {"id": JOB, "pod_id": "p", "state": "queued", "request": request.model_dump(), "created_at": 1.0})]
    client.put_job(JOB, request)
    sent = json.loads(script.bodies[0])
    assert "revision" not in sent
    assert "clip_prompt" not in sent
    assert (sent["guidance"], sent["seeds"]) == (0, [0])
    assert JobRequest.model_validate(sent) == request, "or the worker would refuse the same recipe as another"


def test_a_silent_worker_is_given_up_after_the_silence_timeout(make_client: Callable[..., WorkerClient], script: Script) -> None:
    script.turns = [hang_up]
    moments = iter(range(1000))
    silent = make_client(sleep=lambda _seconds: None, monotonic=lambda: float(next(moments)))
    with pytest.raises(WorkerUnreachableError):
        list(silent.events(JOB))
    assert len(script.requests) == 1, "while nobody answers, only the health is asked for"


def test_a_picture_is_checked_against_its_hash(client: WorkerClient, script: Script) -> None:
    script.turns = [answer(200, PNG)]
    assert client.picture(JOB, PICTURE) == PNG
    assert script.requests[0][1] == f"/v1/jobs/{JOB}/pictures/0"


def test_a_picture_that_breaks_off_is_taken_up_where_it_broke(client: WorkerClient, script: Script) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(PNG)))
        handler.end_headers()
        handler.wfile.write(PNG[:50_000])
        handler.close_connection = True

    script.turns = [half, answer(206, PNG[50_000:], Content_Range=f"bytes 50000-{len(PNG) - 1}/{len(PNG)}")]
    assert client.picture(JOB, PICTURE) == PNG
    assert script.requests[1][2]["Range"] == "bytes=50000-"


def test_a_damaged_picture_is_fetched_again(client: WorkerClient, script: Script) -> None:
    script.turns = [answer(200, PNG[:-1] + b"!"), answer(200, PNG)]
    assert client.picture(JOB, PICTURE) == PNG


def test_a_picture_that_stays_damaged_is_not_taken_home(client: WorkerClient, script: Script) -> None:
    script.turns = [answer(200, PNG + b"more")]
    with pytest.raises(NotSavedError) as raised:
        client.picture(JOB, PICTURE)
    assert f"fluxctl fetch {JOB}" in raised.value.hint
