"""`fluxctl gen --enhance`: from the typed prompt through Claude into the picture, and what happens when Claude does not answer."""

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.support.messages_server import Answer, MessagesServer, better, echo, messages_server, problem
from tests.support.shell import Shell, recipe_of, wait_until

PROMPT = "a red circle"
BETTER = "a red circle, soft morning light, 50 mm lens"


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    with messages_server() as server:
        yield server


@pytest.fixture
def person(shell: Shell, server: MessagesServer) -> Iterator[Shell]:
    """Somebody with a key, a warm worker, and no answer kept."""
    before = dict(shell.variables)
    shell.variables.update(server.variables)
    yield shell
    shell.variables = before
    shutil.rmtree(shell.home / "cache", ignore_errors=True)


def jobs(person: Shell) -> int:
    return len(person.type("jobs", "--json").document["jobs"])


def test_both_prompts_are_shown_and_kept_with_model_and_instructions(person: Shell) -> None:
    typed = person.type("gen", PROMPT, "--enhance", "--seed", "1")
    assert typed.code == 0, typed.err
    assert f"prompt   {PROMPT} (typed)" in typed.err and f"enhanced {BETTER} (claude-haiku-5-5, " in typed.err
    (path,) = typed.paths
    with Image.open(path) as picture:
        prompt = json.loads(picture.info["fluxctl"])["recipe"]["prompt"]
        assert picture.info["parameters"].startswith(BETTER)
    instructions = person.type("enhance", PROMPT, "--json").document["instructions_sha256"]
    expected = {"typed": PROMPT, "used": BETTER, "enhanced": True, "enhancer": "claude-haiku-5-5", "instructions_sha256": instructions}
    assert prompt == expected
    shown = person.type("show", str(path)).out
    assert PROMPT in shown and BETTER in shown and f"claude-haiku-5-5, instructions {instructions[:12]}" in shown


def test_the_better_prompt_is_what_is_drawn(person: Shell) -> None:
    document = person.type("gen", PROMPT, "--enhance-ai", "--seed", "1", "--json").document
    assert document["pictures"][0]["prompt"] == {"typed": PROMPT, "used": BETTER, "enhanced": True}
    by_hand = person.type("gen", BETTER, "--seed", "1", "--json").document
    assert document["pictures"][0]["sha256"] == by_hand["pictures"][0]["sha256"]
    plain = person.type("gen", PROMPT, "--seed", "1", "--json").document["pictures"][0]
    assert plain["prompt"] == {"typed": PROMPT, "used": PROMPT, "enhanced": False}
    assert plain["sha256"] != by_hand["pictures"][0]["sha256"]


def test_the_setting_asks_without_a_flag_and_a_flag_goes_before_it(person: Shell, server: MessagesServer) -> None:
    person.variables["FLUXCTL_ENHANCE__ENABLED"] = "true"
    assert person.type("gen", PROMPT, "--json").document["pictures"][0]["prompt"]["enhanced"] is True
    assert person.type("gen", "a star", "--no-enhance", "--json").document["pictures"][0]["prompt"]["enhanced"] is False
    assert server.prompts == [PROMPT]


def test_a_picture_makes_itself_again_and_nobody_is_asked(person: Shell, server: MessagesServer) -> None:
    made = person.type("gen", PROMPT, "--enhance", "--seed", "4", "--json").document["pictures"][0]
    shutil.rmtree(person.home / "cache")
    person.variables["FLUXCTL_ENHANCE__ENABLED"] = "true"
    again = person.type("gen", "--from", made["path"], "--json")
    (picture,) = again.document["pictures"]
    assert (picture["sha256"], picture["prompt"]) == (made["sha256"], made["prompt"])
    assert "the pixels are those of" in again.err
    assert "type a prompt to have it enhanced" in person.type("gen", "--from", made["path"], "--enhance", "--dry-run").err
    assert len(server.requests) == 1
    other = person.type("gen", "a blue ring", "--from", made["path"], "--enhance", "--json").document["pictures"][0]
    assert other["prompt"]["used"] == "a blue ring, soft morning light, 50 mm lens" and other["seed"] == 4


@pytest.mark.parametrize(
    "answer",
    [
        problem(401, "authentication_error", "invalid x-api-key"),
        problem(529, "overloaded_error", "Overloaded", retry_after="0"),
        better("A recipe for tomato soup"),
        Answer(hang=True),
    ],
)
def test_whatever_fails_the_picture_is_made_of_the_typed_prompt(person: Shell, server: MessagesServer, answer: Answer) -> None:
    server.script = lambda _prompt: answer
    person.variables["FLUXCTL_ENHANCE__TIMEOUT_SECONDS"] = "0.3"
    typed = person.type("gen", PROMPT, "--enhance", "--json")
    assert typed.code == 0, typed.err
    assert typed.document["pictures"][0]["prompt"] == {"typed": PROMPT, "used": PROMPT, "enhanced": False}
    (warning,) = [line for line in typed.err.splitlines() if line.startswith("warning:")]
    assert warning.startswith("warning: the prompt is used as typed: ")


def test_without_a_key_the_picture_is_made_all_the_same(person: Shell) -> None:
    del person.variables["ANTHROPIC_API_KEY"]
    typed = person.type("gen", PROMPT, "--enhance")
    assert typed.code == 0 and len(typed.paths) == 1
    assert "warning: the prompt is used as typed: ANTHROPIC_API_KEY is not set" in typed.err


@pytest.mark.parametrize(
    ("answer", "code", "error"),
    [
        (problem(401, "authentication_error", "invalid x-api-key"), 3, "anthropic_key_refused"),
        (problem(529, "overloaded_error", "Overloaded", retry_after="0"), 7, "claude_overloaded"),
        (better("A recipe for tomato soup"), 7, "answer_unrelated"),
    ],
)
def test_where_it_is_required_nothing_is_ordered(person: Shell, server: MessagesServer, answer: Answer, code: int, error: str) -> None:
    server.script = lambda _prompt: answer
    before = jobs(person)
    typed = person.type("gen", PROMPT, "--enhance-required", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (code, error)
    assert typed.document["pictures"] == [] and typed.document["jobs"] == []
    assert jobs(person) == before


def test_where_it_is_required_and_fails_no_worker_is_started(tiny: Path, tmp_path: Path) -> None:
    person = Shell(tmp_path / "home")
    typed = person.type("gen", PROMPT, "--enhance-required", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (3, "no_anthropic_key")
    assert person.worker_process() is None


def test_each_prompt_of_a_file_gets_its_own_answer_in_order(person: Shell, server: MessagesServer) -> None:
    prompts = ["a red circle", "a green star", "a blue ring", "a pink heart", "a black box", "a red circle"]
    (person.work / "prompts.txt").write_text("\n".join(prompts))
    server.script = lambda prompt: better("soup") if "star" in prompt else echo(prompt)
    typed = person.type("gen", "--prompt-file", "prompts.txt", "--enhance", "--seed", "1", "--steps", "1", "--json")
    used = [picture["prompt"]["used"] for picture in typed.document["pictures"]]
    assert used == [prompt if "star" in prompt else f"{prompt}, soft morning light, 50 mm lens" for prompt in prompts]
    assert sorted(server.prompts) == sorted(set(prompts))
    assert server.most_at_once <= 4
    assert typed.err.count("warning: 1 of 5 prompts are used as typed") == 1


def test_a_server_that_is_down_is_not_asked_for_every_prompt(person: Shell, server: MessagesServer) -> None:
    (person.work / "many.txt").write_text("\n".join(f"a red circle of kind {'x' * number}" for number in range(1, 41)))
    server.script = lambda _prompt: problem(503, "api_error", "down", retry_after="0")
    typed = person.type("gen", "--prompt-file", "many.txt", "--enhance-required", "--json")
    assert typed.code == 7 and "40 of 40 prompts" in typed.document["error"]["message"]
    assert len(server.requests) <= 8


def test_a_dry_run_asks_nobody_and_says_so(person: Shell, server: MessagesServer) -> None:
    typed = person.type("gen", PROMPT, "--enhance", "--dry-run", "--json")
    assert recipe_of(typed)["prompt"]["used"] == PROMPT
    assert "Claude (claude-haiku-5-5) rewrites what was typed first" in typed.document["notes"]
    assert server.requests == []


@pytest.mark.parametrize("words", [("--no-enhance", "--enhance-required"), ("--no-enhance", "--refresh")])
def test_flags_that_contradict_each_other_are_refused(person: Shell, words: tuple[str, ...]) -> None:
    typed = person.type("gen", PROMPT, *words, "--json")
    assert (typed.code, typed.document["error"]["code"]) == (2, "flags_conflict")


def test_claude_is_asked_while_the_worker_comes_up(own_shell: Shell, server: MessagesServer) -> None:
    def answer_once_the_worker_lives(prompt: str) -> Answer:
        wait_until(own_shell.worker_process, seconds=15)
        return echo(prompt)

    server.script = answer_once_the_worker_lives
    own_shell.variables.update(server.variables)
    picture = own_shell.type("gen", PROMPT, "--enhance", "--json").document["pictures"][0]
    assert picture["prompt"]["enhanced"] is True


def test_ctrl_c_does_not_wait_for_claude(person: Shell, server: MessagesServer) -> None:
    server.script = lambda _prompt: Answer(hang=True)
    before = jobs(person)
    command = person.start("gen", PROMPT, "--enhance")
    wait_until(lambda: server.requests)
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=10)
    assert command.returncode == 130, err
    assert "Traceback" not in err and jobs(person) == before


def test_alternatives_are_chosen_first_and_each_is_enhanced(person: Shell, server: MessagesServer) -> None:
    typed = person.type("gen", "a {red|blue} circle", "--all", "--enhance", "--seed", "1", "--steps", "1", "--json")
    used = [picture["prompt"]["used"] for picture in typed.document["pictures"]]
    assert used == [f"a {colour} circle, soft morning light, 50 mm lens" for colour in ("red", "blue")]
    assert sorted(server.prompts) == ["a blue circle", "a red circle"]


def test_a_file_that_was_made_once_is_not_enhanced_again(person: Shell, server: MessagesServer) -> None:
    (person.work / "twice.txt").write_text("a red circle twice\na blue ring twice\n")
    words = ("gen", "--prompt-file", "twice.txt", "--enhance", "--seed", "1", "--steps", "1", "--out", "twice/", "--json")
    assert len(person.type(*words).document["pictures"]) == 2
    again = person.type(*words, "--refresh")
    assert again.code == 0 and again.document["pictures"] == []
    assert len(server.requests) == 2
