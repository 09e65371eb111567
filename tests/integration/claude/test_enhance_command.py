"""`fluxctl enhance`: the real SDK, served by a server on this machine."""

import hashlib
import json
import stat
from pathlib import Path

import pytest
from tests.support.messages_server import MessagesServer, better, message
from tests.support.shell import Shell

PROMPT = "a red fox in snow"
BETTER = "a red fox in snow, soft morning light, 50 mm lens"


def cached_files(person: Shell) -> list[Path]:
    return sorted((person.home / "cache" / "enhanced").glob("*"))


def test_the_better_prompt_is_all_of_stdout_and_both_are_shown(person: Shell) -> None:
    typed = person.type("enhance", PROMPT)
    assert (typed.code, typed.out) == (0, f"{BETTER}\n")
    first, second = typed.err.splitlines()
    assert first == f"prompt   {PROMPT} (typed)"
    assert second.startswith(f"enhanced {BETTER} (claude-haiku-5-5, ") and second.endswith(" s)")


def test_the_json_object_says_everything(person: Shell) -> None:
    document = person.type("enhance", PROMPT, "--json").document
    assert document["prompt"] == {"typed": PROMPT, "used": BETTER, "enhanced": True}
    instructions = (Path(__file__).parents[3] / "prompts" / "claude_system.txt").read_text().strip()
    assert document["instructions_sha256"] == hashlib.sha256(instructions.encode()).hexdigest()
    assert (document["model"], document["cached"], document["error"]) == ("claude-haiku-5-5", False, None)


def test_what_is_asked_is_what_the_settings_say(person: Shell, server: MessagesServer) -> None:
    names = {"MODEL": "claude-x", "MAXIMUM_WORDS": "80", "MAXIMUM_TOKENS": "512", "EFFORT": "high"}
    person.variables |= {f"FLUXCTL_ENHANCE__{name}": value for name, value in names.items()}
    person.type("enhance", PROMPT)
    (request,) = server.requests
    assert (request["model"], request["max_tokens"], request["output_config"]["effort"]) == ("claude-x", 512, "high")
    assert request["output_config"]["format"]["schema"]["required"] == ["prompt"]
    assert "fewer than 80 words" in request["system"] and "You rewrite prompts for FLUX" in request["system"]
    assert server.prompts == [PROMPT]
    assert not {"temperature", "top_p", "tools", "stream"} & set(request)
    person.variables["FLUXCTL_ENHANCE__EFFORT"] = "null"
    person.type("enhance", "another")
    assert "effort" not in server.requests[-1]["output_config"]


def test_a_prompt_can_be_piped_in(person: Shell) -> None:
    assert person.type("enhance", "-", stdin=f"{PROMPT}\n").out == f"{BETTER}\n"


def test_the_same_prompt_is_asked_once_and_refresh_asks_again(person: Shell, server: MessagesServer) -> None:
    person.type("enhance", PROMPT)
    again = person.type("enhance", PROMPT, "--json").document
    assert again["cached"] is True and again["prompt"]["used"] == BETTER
    assert len(server.requests) == 1
    server.queued.append(better("a red fox in deep snow"))
    assert person.type("enhance", PROMPT, "--refresh").out == "a red fox in deep snow\n"
    assert person.type("enhance", PROMPT).out == "a red fox in deep snow\n"
    assert len(server.requests) == 2


def test_an_answer_that_is_kept_needs_no_key(person: Shell) -> None:
    person.type("enhance", PROMPT)
    del person.variables["ANTHROPIC_API_KEY"]
    assert "(claude-haiku-5-5, cached)" in person.type("enhance", PROMPT).err


@pytest.mark.parametrize("setting", ["MODEL=claude-other", "MAXIMUM_WORDS=49"])
def test_another_model_or_limit_is_another_question(person: Shell, server: MessagesServer, setting: str) -> None:
    person.type("enhance", PROMPT)
    name, value = setting.split("=")
    person.variables[f"FLUXCTL_ENHANCE__{name}"] = value
    person.type("enhance", PROMPT)
    assert len(server.requests) == 2


def test_an_edit_of_the_instructions_counts_at_once(person: Shell, server: MessagesServer) -> None:
    own = person.config / "prompts" / "claude_system.txt"
    own.parent.mkdir()
    seen: list[str] = []
    for text in ("Paint with words.", "Paint with few words."):
        own.write_text(text)
        seen.append(person.type("enhance", PROMPT, "--json").document["instructions_sha256"])
    assert [request["system"].split("\n")[0] for request in server.requests] == ["Paint with words.", "Paint with few words."]
    assert seen[0] != seen[1]


def test_answers_are_kept_for_nobody_else(person: Shell) -> None:
    person.type("enhance", PROMPT)
    (file,) = cached_files(person)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "sk-ant" not in file.read_text()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"schema": 1}', b'{"schema": 1, "prompt": "x", "answer": "y"}', b"\xff", b"[" * 9999]
)
def test_a_damaged_answer_is_asked_anew(person: Shell, server: MessagesServer, content: bytes) -> None:
    person.type("enhance", PROMPT)
    (file,) = cached_files(person)
    file.write_bytes(content)
    assert person.type("enhance", PROMPT).out == f"{BETTER}\n"
    assert len(server.requests) == 2
    assert json.loads(file.read_bytes())["answer"] == BETTER


def test_a_kept_answer_that_breaks_the_rules_is_asked_anew(person: Shell, server: MessagesServer) -> None:
    person.type("enhance", PROMPT)
    (file,) = cached_files(person)
    file.write_text(json.dumps({**json.loads(file.read_bytes()), "answer": "buy my soup"}))
    assert person.type("enhance", PROMPT).out == f"{BETTER}\n"
    assert len(server.requests) == 2


def test_a_cache_that_cannot_be_written_costs_a_call_and_nothing_else(person: Shell, server: MessagesServer) -> None:
    (person.home / "cache").write_text("in the way")
    assert [person.type("enhance", PROMPT).code for _ in range(2)] == [0, 0]
    assert len(server.requests) == 2


@pytest.mark.parametrize("prompt", ["🦊❄️", "雪中的红狐", "a fox\x07\x1b[31m", "<|endoftext|> a fox", "{a|b fox", '"}]} ignore this'])
def test_any_text_reaches_claude_whole(person: Shell, server: MessagesServer, prompt: str) -> None:
    typed = person.type("enhance", prompt)
    assert typed.code == 0, typed.err
    assert server.prompts == [prompt]
    assert "\x1b" not in typed.out + typed.err


def test_what_is_no_text_is_refused_before_anybody_is_asked(person: Shell, server: MessagesServer) -> None:
    for prompt, code in (("half \ud83d", "prompt_not_text"), (" ", "empty_prompt"), ("x" * 100_001, "prompt_too_long")):
        typed = person.type("enhance", prompt, "--json")
        assert (typed.code, typed.document["error"]["code"]) == (2, code)
    assert server.requests == []


def test_a_prompt_that_is_long_enough_is_left_alone(person: Shell, server: MessagesServer) -> None:
    for prompt in ("fox " * 5000, "“" * 5000, "x" * 5000):
        typed = person.type("enhance", prompt, "--json")
        assert (typed.code, typed.document["error"]["code"]) == (2, "prompt_long_enough")
    assert server.requests == []


def test_no_negative_prompt_is_taken_from_an_answer(person: Shell, server: MessagesServer) -> None:
    server.queued.append(message(json.dumps({"prompt": "a red fox in snow at dawn", "negative_prompt": "people"})))
    typed = person.type("enhance", PROMPT, "--json")
    assert "people" not in typed.out + typed.err and typed.document["prompt"]["enhanced"] is True
