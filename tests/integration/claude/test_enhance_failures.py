"""Each way in which Claude can fail: one clear error, the documented exit code, and the key nowhere."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.messages_server import KEY, Answer, MessagesServer, better, message, problem
from tests.support.shell import Shell, Typed

PROMPT = "a red fox in snow"
NOW = {"retry_after": "0"}


def failed(typed: Typed, exit_code: int, code: str) -> None:
    assert typed.code == exit_code, typed.err
    document = typed.document
    assert document["error"]["code"] == code and document["error"]["hint"]
    assert typed.err.count("error:") == 1
    assert KEY not in typed.out + typed.err


@pytest.mark.parametrize(
    ("answer", "exit_code", "code"),
    [
        (problem(401, "authentication_error", f"invalid x-api-key {KEY}"), 3, "anthropic_key_refused"),
        (problem(403, "permission_error", "not allowed"), 3, "anthropic_key_refused"),
        (problem(404, "not_found_error", "model: claude-haiku-5-5"), 3, "unknown_claude_model"),
        (problem(400, "invalid_request_error", "Your credit balance is too low"), 7, "claude_refused_request"),
        (problem(413, "request_too_large", "too large"), 7, "claude_refused_request"),
        (Answer(404, b"<html>no such page</html>", {"Content-Type": "text/html"}), 7, "claude_refused_request"),
        (message("", "refusal"), 7, "refused"),
        (message("I cannot help with that.", "refusal"), 7, "refused"),
        (message('{"prompt": "a red fox in sn', "max_tokens"), 7, "answer_cut_off"),
        (message(""), 7, "empty_answer"),
        (better(""), 7, "empty_answer"),
        (message("Here is your prompt: a red fox in snow"), 7, "answer_unreadable"),
        (message('{"text": "a red fox in snow"}'), 7, "answer_unreadable"),
        (message('{"prompt": ["a red fox in snow"]}'), 7, "answer_unreadable"),
        (message("[" * 100_000), 7, "answer_unreadable"),
        (Answer(200, b"{{"), 7, "answer_unreadable"),
        (Answer(200, b""), 7, "answer_unreadable"),
        (Answer(200, b"null"), 7, "answer_unreadable"),
        (Answer(200, b"\xff\xfe"), 7, "answer_unreadable"),
        (Answer(200, b'{"content": {"a": 1}, "stop_reason": 7}'), 7, "empty_answer"),
        (Answer(200, b'{"content": [null, 1, {"type": "text"}, {"type": "text", "text": 5}]}'), 7, "empty_answer"),
        (Answer(200, b"<html>log in to the airport</html>", {"Content-Type": "text/html"}), 7, "answer_unreadable"),
        (better("fox " * 10_000), 7, "answer_too_long"),
        (better("A recipe for tomato soup"), 7, "answer_unrelated"),
    ],
)
def test_a_failure_that_trying_again_does_not_mend(
    person: Shell, server: MessagesServer, answer: Answer, exit_code: int, code: str
) -> None:
    server.queued.append(answer)
    failed(person.type("enhance", PROMPT, "--json"), exit_code, code)
    assert len(server.requests) == 1
    assert not list((person.home / "cache").rglob("*.json"))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (problem(429, "rate_limit_error", "slow down", **NOW), "claude_rate_limit"),
        (problem(529, "overloaded_error", "Overloaded", **NOW), "claude_overloaded"),
        (problem(500, "api_error", "Internal server error", **NOW), "claude_unavailable"),
        (Answer(502, b"bad gateway", {"Content-Type": "text/html", "Retry-After": "0"}), "claude_unavailable"),
    ],
)
def test_a_passing_failure_is_tried_once_more(person: Shell, server: MessagesServer, answer: Answer, code: str) -> None:
    server.queued += [answer, answer]
    failed(person.type("enhance", PROMPT, "--json"), 7, code)
    assert len(server.requests) == 2
    server.queued.append(answer)
    assert person.type("enhance", PROMPT).code == 0
    assert len(server.requests) == 4


def test_a_server_that_wants_an_hour_is_not_waited_for(person: Shell, server: MessagesServer) -> None:
    server.queued.append(problem(429, "rate_limit_error", "slow down", retry_after="3600"))
    failed(person.type("enhance", PROMPT, "--json"), 7, "claude_rate_limit")
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [Answer(hang=True), Answer(200, b" " * 1000, drip_seconds=0.05)])
def test_one_try_is_bound_from_its_beginning_to_its_end(person: Shell, server: MessagesServer, answer: Answer) -> None:
    person.variables |= {"FLUXCTL_ENHANCE__TIMEOUT_SECONDS": "0.3", "FLUXCTL_ENHANCE__RETRIES": "0"}
    server.queued.append(answer)
    began = time.monotonic()
    failed(person.type("enhance", PROMPT, "--json"), 7, "claude_timeout")
    assert time.monotonic() - began < 10


def test_a_try_without_an_answer_is_made_again(person: Shell, server: MessagesServer) -> None:
    person.variables["FLUXCTL_ENHANCE__TIMEOUT_SECONDS"] = "0.5"
    server.queued.append(Answer(hang=True))
    assert person.type("enhance", PROMPT).code == 0
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "nonsense", "http://127.0.0.1:99999", "ftp://127.0.0.1/", "http://name:word@127.0.0.1:1"]
)
def test_nobody_there_is_said_with_the_place_and_without_its_password(person: Shell, url: str) -> None:
    person.variables |= {"ANTHROPIC_BASE_URL": url, "FLUXCTL_ENHANCE__RETRIES": "0"}
    typed = person.type("enhance", PROMPT, "--json")
    failed(typed, 7, "claude_unreachable")
    assert "word" not in typed.out + typed.err


@pytest.mark.parametrize("key", ["", "sk-ant-\nx", "sk-ant-schlüssel", "sk ant"])
def test_without_a_key_that_can_be_one_nobody_is_asked(person: Shell, server: MessagesServer, key: str) -> None:
    person.variables["ANTHROPIC_API_KEY"] = key
    failed(person.type("enhance", PROMPT, "--json"), 3, "anthropic_key_refused" if key else "no_anthropic_key")
    assert server.requests == []


def test_without_the_sdk_it_is_said_how_to_get_it(person: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fluxctl.claude.client", raising=False)
    monkeypatch.setitem(sys.modules, "anthropic", None)
    typed = person.type("enhance", PROMPT, "--json")
    failed(typed, 3, "no_anthropic_sdk")
    assert "pip install" in typed.err


@pytest.mark.parametrize(("content", "code"), [(b"", "empty_instructions"), (b" \n", "empty_instructions"), (b"\xff", "not_utf8")])
def test_instructions_that_are_none_are_named(person: Shell, server: MessagesServer, content: bytes, code: str) -> None:
    own = person.config / "prompts" / "claude_system.txt"
    own.parent.mkdir()
    own.write_bytes(content)
    typed = person.type("enhance", PROMPT, "--json")
    failed(typed, 3, code)
    assert str(own) in typed.document["error"]["message"] and server.requests == []


@pytest.mark.parametrize(
    "answer", [problem(401, "authentication_error", f"invalid x-api-key: {KEY}"), Answer(hang=True), Answer(200, KEY.encode())]
)
def test_the_key_is_in_no_message_log_or_traceback(tmp_path: Path, server: MessagesServer, answer: Answer) -> None:
    server.script = lambda _prompt: answer
    person = Shell(tmp_path / "home", {**server.variables, "ANTHROPIC_LOG": "debug", "FLUXCTL_ENHANCE__TIMEOUT_SECONDS": "0.5"})
    person.variables["FLUXCTL_ENHANCE__RETRIES"] = "0"
    command = [sys.executable, "-m", "fluxctl", "enhance", PROMPT, "--debug", "--json"]
    done = subprocess.run(command, cwd=person.work, env=person.variables, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (3, 7) and "Traceback" in done.stderr and json.loads(done.stdout)["error"]
    assert any(KEY in value for value in server.headers[0].values())
    assert KEY not in done.stdout + done.stderr
    written = [path for path in person.home.rglob("*") if path.is_file()]
    assert not [path for path in written if KEY.encode() in path.read_bytes()]


def test_a_config_env_in_some_folder_cannot_send_the_key_elsewhere(person: Shell, server: MessagesServer) -> None:
    file = person.work / "config.env"
    file.write_text(f"ANTHROPIC_BASE_URL={server.url}\n")
    file.chmod(0o600)
    assert person.type("enhance", PROMPT).code == 3
    assert server.requests == []


@pytest.mark.parametrize(
    "words", [("--help",), ("gen", "--help"), ("enhance", PROMPT), ("gen", PROMPT, "--dry-run"), ("gen", PROMPT, "--enhance", "--dry-run")]
)
def test_the_sdk_is_imported_only_by_what_asks(tmp_path: Path, words: tuple[str, ...]) -> None:
    person = Shell(tmp_path / "home")
    program = (
        "import sys; from fluxctl.cli.main import main; from fluxctl.environment import Environment;"
        " main(sys.argv[1:], Environment()); print('anthropic' in sys.modules)"
    )
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, cwd=person.work, env=person.variables, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "False", done.stderr
