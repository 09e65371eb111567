"""`fluxctl init` with somebody at the terminal: what it asks, what it never shows, and what nothing typed means."""

import io
import os
import pty
import select
import subprocess
import sys
import time

import pytest
from tests.integration.setup.conftest import Beginner, steps
from tests.support.hub_server import TOKEN
from tests.support.messages_server import KEY
from tests.support.shell import Terminal, Typed

from fluxctl.cli.main import main
from fluxctl.environment import Environment


def answer(somebody: Beginner, *lines: str, words: tuple[str, ...] = ()) -> Typed:
    """Type init, and these lines at its questions."""
    return somebody.shell.type("init", "--json", *words, stdin="".join(f"{line}\n" for line in lines), terminal=True)


def test_it_asks_for_what_is_missing_and_offers_the_best_place(somebody: Beginner) -> None:
    typed = answer(somebody, somebody.runpod.key, TOKEN, KEY, somebody.image, "1")
    assert typed.code == 0, typed.err
    assert somebody.config_env.read_text() == somebody.keys()
    assert typed.document["volume"]["created"] is True
    for words in ("console.runpod.io/user/settings", "accepting the licence at https://huggingface.co/black-forest-labs/FLUX.1-dev"):
        assert words in typed.err
    assert "1  make fluxctl: 80 GB in" in typed.err and "$5.60 a month" in typed.err and "2  none" in typed.err
    for secret in somebody.secrets:
        assert secret not in typed.err + typed.out


def test_nothing_typed_at_the_volume_makes_none(somebody: Beginner) -> None:
    typed = answer(somebody, somebody.runpod.key, TOKEN, KEY, somebody.image, "", "7", "x")
    assert (typed.code, typed.document["error"]["code"]) == (10, "declined")
    assert not somebody.runpod.account.volumes
    assert somebody.config_env.read_text() == somebody.keys(), "what was answered before is kept"


def test_a_refused_key_is_asked_for_again(somebody: Beginner) -> None:
    typed = answer(somebody, "rpa_wrong", somebody.runpod.key, TOKEN, "", somebody.image, "2")
    assert typed.code == 0, typed.err
    assert steps(typed)["RUNPOD_API_KEY"] == "changed" and steps(typed)["ANTHROPIC_API_KEY"] == "skipped"
    assert "rpa_wrong" not in typed.err + somebody.config_env.read_text()


def test_a_key_that_is_refused_three_times_is_given_up(somebody: Beginner) -> None:
    typed = answer(somebody, "rpa_1", "rpa_2", "rpa_3", TOKEN, "", somebody.image)
    assert (typed.code, typed.document["error"]["code"]) == (3, "key_refused")
    assert steps(typed)["HF_TOKEN"] == "changed", "the rest is set up all the same"


def test_a_stored_key_that_is_refused_by_now_is_asked_for(somebody: Beginner) -> None:
    somebody.begin()
    somebody.config_env.write_text(somebody.keys(RUNPOD_API_KEY="rpa_old"))
    typed = answer(somebody, somebody.runpod.key)
    assert typed.code == 0, typed.err
    assert somebody.config_env.read_text() == somebody.keys()


def test_an_existing_volume_can_be_taken(somebody: Beginner) -> None:
    volume = somebody.runpod.add_volume("models", 50, "EU-RO-1")
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", somebody.image, "1")
    assert typed.code == 0, typed.err
    assert typed.document["volume"] == {**typed.document["volume"], "id": volume.id, "created": False, "usd_per_month": 3.5}
    assert f"volume_id: {volume.id}" in somebody.config_yaml and len(somebody.runpod.account.volumes) == 1


def test_the_image_can_wait(somebody: Beginner) -> None:
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", "", "2")
    assert (typed.code, steps(typed)["image"]) == (0, "skipped")
    assert "make push IMAGE=ghcr.io/YOU/fluxctl-pod" in typed.err


@pytest.mark.parametrize(("said", "made"), [("y", 1), ("", 0), ("no", 0)])
def test_a_named_new_volume_is_made_after_a_yes(somebody: Beginner, said: str, made: int) -> None:
    words = ("--volume", "new", "--volume-size", "100", "--data-center", "EU-RO-1")
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", somebody.image, said, words=words)
    assert "100 GB in EU-RO-1, $7.00 a month" in typed.err
    assert (typed.code, len(somebody.runpod.account.volumes)) == (0 if made else 10, made)


def test_ctrl_c_keeps_what_was_answered(somebody: Beginner) -> None:
    class Interrupted(Terminal):
        """A terminal at which the second question is answered with Ctrl-C."""

        def readline(self, *_: object) -> str:
            line = super().readline()
            if not line:
                raise KeyboardInterrupt
            return line

    out, err = io.StringIO(), Terminal()
    environment = Environment(
        stdin=Interrupted(f"{somebody.runpod.key}\n"),
        stdout=out,
        stderr=err,
        variables=somebody.shell.variables,
        working_folder=somebody.shell.work,
    )
    code = main(("init", "--json"), environment)
    typed = Typed(("init",), code, out.getvalue(), err.getvalue())
    assert typed.code == 130 and "what was answered before is kept" in typed.err
    assert [step["name"] for step in typed.document["steps"]] == ["RUNPOD_API_KEY", "model"]
    assert somebody.config_env.read_text() == f"RUNPOD_API_KEY={somebody.runpod.key}\n"


def test_a_real_terminal_shows_no_key(somebody: Beginner) -> None:
    """Nothing but a real terminal echoes what is typed."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "fluxctl", "init", "--model", "embedded", "--volume", "none", "--image", somebody.image]
    process = subprocess.Popen(
        command, cwd=somebody.shell.work, env=somebody.shell.variables, stdin=slave, stdout=subprocess.DEVNULL, stderr=slave
    )
    os.close(slave)
    try:
        shown = read_until(master, "RUNPOD_API_KEY (Enter")
        os.write(master, f"{somebody.runpod.key}\n".encode())
        shown += read_until(master, "HF_TOKEN (Enter")
        os.write(master, b"\n")
        shown += read_until(master, "ANTHROPIC_API_KEY (Enter")
        os.write(master, b"\n")
        shown += read_until(master, "fluxctl doctor")
        assert process.wait(60) == 0, shown
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert somebody.runpod.key not in shown and "RunPod takes it" in shown
    assert somebody.config_env.read_text() == f"RUNPOD_API_KEY={somebody.runpod.key}\n"


def read_until(master: int, words: str) -> str:
    """Return what the terminal shows, up to these words."""
    shown, deadline = "", time.monotonic() + 60
    while words not in shown:
        ready, _, _ = select.select([master], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{words!r} did not come: {shown}"
        shown += os.read(master, 4096).decode("utf-8", "replace")
    return shown
