"""What lies between fluxctl and RunPod: proxies of the environment, certificates, answers that break off, streams taken up again."""

import contextlib
import datetime
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.integration.runpod.conftest import Tenant, order

from fluxctl.errors import FluxctlError
from fluxctl.providers.runpod import errors
from fluxctl.providers.runpod.retrying import MOST_TRIES

Wrap = Callable[[socket.socket], socket.socket]
NOWHERE = "127.0.0.1:1"
"""Nobody listens there."""
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def answer(document: object, status: str = "200 OK") -> bytes:
    body = json.dumps(document).encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def event(number: int, line: str) -> bytes:
    return f"id: 2026-06-01T12:02:03Z/{number:012d}\ndata: {json.dumps({'line': line})}\n\n".encode()


def request_of(connection: socket.socket) -> bytes:
    """Return a whole request: what is left unread would reset the connection."""
    request = connection.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def scripted(answers: Sequence[bytes], wrap: Wrap = lambda made: made) -> Iterator[tuple[str, list[str]]]:
    """Serve these answers, one a connection, the last one for ever; give the place, and the requests as they come."""
    asked: list[str] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        number = 0
        while True:
            try:
                made, _ = listening.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), wrap(made) as connection:
                asked.append(request_of(connection).decode(errors="replace"))
                connection.sendall(answers[min(number, len(answers) - 1)])
            number += 1

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", asked
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Return a certificate for 127.0.0.1 that nobody trusts yet, and its key."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - datetime.timedelta(1), now + datetime.timedelta(1))
        .add_extension(address, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return certificate, private


def at(place: str, scheme: str = "http") -> dict[str, str]:
    return {"RUNPOD_API_BASE_URL": f"{scheme}://{place}", "RUNPOD_REST_BASE_URL": f"{scheme}://{place}/v2"}


def test_no_proxy_is_asked_for_what_is_on_this_computer(tenant: Tenant, transport: str, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{NOWHERE}")
    assert tenant.open(transport).rentals() == ()


@pytest.mark.parametrize("proxy", [f"http://{NOWHERE}", f"socks5://{NOWHERE}", f"nonsense://{NOWHERE}"])
def test_a_proxy_that_lets_nothing_through_is_told_and_has_made_no_pod(tenant, transport, monkeypatch, proxy):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("no_proxy", "")
    api = tenant.open(transport, **at("runpod.invalid", "https"))
    with pytest.raises(errors.UnreachableError) as caught:
        api.create(order())
    assert "proxy" in caught.value.message or "no connection" in caught.value.message


def test_a_log_cannot_be_asked_for_through_a_proxy_that_httpx_does_not_know(tenant, monkeypatch):
    monkeypatch.setenv("https_proxy", f"nonsense://{NOWHERE}")
    monkeypatch.setenv("HTTPS_PROXY", f"nonsense://{NOWHERE}")
    api = tenant.open(**at("runpod.invalid", "https"))
    with pytest.raises(errors.UnreachableError, match="proxy that the environment names"):
        api.system_log("somepod")


def test_a_certificate_that_is_not_trusted_is_told_and_has_made_no_pod(tenant, transport, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    serving = scripted([b""], lambda made: context.wrap_socket(made, server_side=True))
    with serving as (place, asked), pytest.raises(errors.UnreachableError, match="certificate"):
        tenant.open(transport, **at(place, "https")).create(order())
    assert not asked


def test_an_end_without_a_farewell_after_the_order_was_sent_leaves_it_open(tenant, transport, certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(certificate[0]))
    # What is neither TLS nor an answer: the other side's TLS fails only after it has sent the order.
    serving = scripted([b""], lambda made: broken_after_request(context.wrap_socket(made, server_side=True)))
    with serving as (place, asked), pytest.raises(errors.UnknownOutcomeError):
        tenant.open(transport, **at(place, "https")).create(order())
    assert len(asked) == 1


def broken_after_request(made: ssl.SSLSocket) -> socket.socket:
    """Read the request, then answer with what is no TLS."""
    request = request_of(made)
    plain = socket.socket(fileno=made.detach())
    plain.sendall(b"\x17\x03\x03\x00\x20" + b"not encrypted with the key of this connection"[:32])
    near, far = socket.socketpair()
    far.sendall(request)
    far.close()
    plain.close()
    return near


def test_an_id_in_an_error_is_no_pod(tenant):
    with scripted([answer({"id": "req-123", "message": "upstream failed"}, "500 Internal Server Error")]) as (place, _):
        with pytest.raises(errors.UnknownOutcomeError):
            tenant.open("rest", **at(place)).create(order())
        with pytest.raises(errors.UnknownOutcomeError):
            tenant.open("rest", **at(place)).create_volume("models", 80, "EU-RO-1")


def test_a_stream_that_begins_again_with_the_line_heard_last_yields_it_once(tenant):
    gone = answer({"title": "Not Found", "status": 404, "detail": "pod not found"}, "404 Not Found")
    alive = answer({"id": "somepod", "status": "RUNNING"})
    first, second = STREAM + event(1, "one") + event(2, "two"), STREAM + event(2, "two") + event(3, "three")
    with scripted([first, alive, second, gone]) as (place, asked):
        assert list(tenant.open(**at(place)).follow_log("somepod", system=True)) == ["one", "two", "three"]
    assert "last-event-id: 2026-06-01t12:02:03z/000000000002" in asked[2].lower()


def test_an_event_s_id_that_no_header_can_hold_does_no_harm(tenant):
    gone = answer({"title": "Not Found", "status": 404, "detail": "pod not found"}, "404 Not Found")
    with scripted([STREAM + "id: é🦊\n".encode() + event(1, "one")[4:], gone]) as (place, _):
        assert list(tenant.open(**at(place)).follow_log("somepod", system=False)) == ["one"]


def test_a_log_that_breaks_before_its_first_line_is_an_error_and_not_an_empty_one(tenant):
    broken = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    with scripted([broken]) as (place, asked), pytest.raises(errors.UnreachableError, match="broke"):
        tenant.open(**at(place)).container_log("somepod")
    assert len(asked) == MOST_TRIES


def test_what_came_of_a_log_before_it_broke_is_shown(tenant):
    chunk = event(1, "one")
    broken = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    with scripted([broken + f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"]) as (place, _):
        assert tenant.open(**at(place)).container_log("somepod") == ("one",)


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed(tenant, transport, status):
    with scripted([b""]) as (elsewhere, followed):
        there = f"HTTP/1.1 {status}\r\nLocation: http://{elsewhere}/v2/pods\r\nContent-Length: 0\r\n\r\n".encode()
        with scripted([there]) as (place, _), pytest.raises(FluxctlError):
            tenant.open(transport, **at(place)).rentals()
        assert not followed


def test_an_answer_that_never_ends_is_given_up(tenant, transport, monkeypatch):
    monkeypatch.setattr("fluxctl.providers.runpod.wire.LARGEST_ANSWER_BYTES", 1000)
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 100000
    with scripted([large]) as (place, _), pytest.raises(errors.UnreachableError, match="broke"):
        tenant.open(transport, **at(place)).rentals()
