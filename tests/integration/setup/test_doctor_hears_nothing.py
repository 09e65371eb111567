"""`fluxctl doctor` and `init` where somebody takes the question and never answers: nothing is waited for without end."""

import pytest
from tests.integration.setup.conftest import Beginner, checks, steps
from tests.support.hub_server import TOKEN, Reply
from tests.support.messages_server import Answer

from fluxctl.services import key_checks
from fluxctl.services.doctor import keys, market

LONG_SECONDS = 3600.0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (key_checks, keys, market):
        monkeypatch.setattr(module, "MOST_SECONDS", 1.0)


def silence(somebody: Beginner, on: str = "any") -> None:
    """Let RunPod take the questions, and keep them."""
    somebody.runpod.fault(on, "timeout", times=None, seconds=LONG_SECONDS)


@pytest.mark.usefixtures("impatient")
def test_a_silent_runpod_is_exit_code_4_and_the_rest_is_looked_at(somebody: Beginner) -> None:
    somebody.shell.variables |= {"RUNPOD_API_KEY": somebody.runpod.key, "FLUXCTL_POD__IMAGE": somebody.image}
    silence(somebody)
    typed = somebody.shell.type("doctor", "--json")
    found = checks(typed)
    assert (typed.code, typed.document["error"]["code"]) == (4, "unreachable")
    assert "RunPod has not answered for 1 s" in found["RUNPOD_API_KEY"]["detail"] and found["RUNPOD_API_KEY"]["hint"]
    assert {found[name]["result"] for name in ("balance", "clock", "volume", "gpus")} == {"skipped"}
    assert found["ssh client"]["result"] == "ok"


@pytest.mark.usefixtures("impatient")
def test_one_silent_question_leaves_what_the_others_tell(somebody: Beginner) -> None:
    somebody.begin()
    silence(somebody, "data_centers")
    typed = somebody.shell.type("doctor", "--json")
    found = checks(typed)
    assert found["gpus"]["result"] == "failed" and "has not answered" in found["gpus"]["detail"]
    assert {found[name]["result"] for name in ("RUNPOD_API_KEY", "balance", "volume")} == {"ok"}


@pytest.mark.usefixtures("impatient")
def test_a_silent_hub_and_claude_are_warnings(somebody: Beginner) -> None:
    somebody.begin()
    somebody.hub.instead = Reply(200, hang=True)
    somebody.claude.queued = [Answer(200, b"", hang=True)]
    typed = somebody.shell.type("doctor", "--json")
    found = checks(typed)
    assert (found["HF_TOKEN"]["result"], found["ANTHROPIC_API_KEY"]["result"]) == ("warning", "warning")
    for name in ("HF_TOKEN", "ANTHROPIC_API_KEY"):
        assert "has not answered for 1 s" in found[name]["detail"] and found[name]["hint"] == "check your connection, then try again"


@pytest.mark.usefixtures("impatient")
def test_a_volume_that_nobody_tells_about_leaves_the_place_open(somebody: Beginner) -> None:
    somebody.begin()
    somebody.runpod.fault("volumes", "403", times=None)
    found = checks(somebody.shell.type("doctor", "--json"))
    assert (found["volume"]["result"], found["gpus"]["result"]) == ("failed", "skipped")


@pytest.mark.usefixtures("impatient")
def test_init_keeps_a_key_that_nobody_judged_and_says_so(somebody: Beginner) -> None:
    silence(somebody)
    somebody.hub.instead = Reply(200, hang=True)
    typed = somebody.init("--image", somebody.image, "--volume", "none")
    assert steps(typed)["RUNPOD_API_KEY"] == steps(typed)["HF_TOKEN"] == "unchecked", typed.err
    assert somebody.runpod.key in somebody.config_env.read_text() and TOKEN in somebody.config_env.read_text()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (403, 0), (502, 0)])
def test_a_page_of_somebody_in_between_is_no_answer_of_the_hub(somebody: Beginner, status: int, code: int) -> None:
    somebody.begin()
    somebody.hub.instead = Reply(status, b"<!DOCTYPE html><p>Sign in to this network", {"Content-Type": "text/html; charset=utf-8"})
    typed = somebody.shell.type("doctor", "--json")
    found = checks(typed)["HF_TOKEN"]
    assert (typed.code, found["result"]) == (code, "warning") and "answered with a page" in found["detail"]
