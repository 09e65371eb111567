"""`fluxctl up`, `status` and `down` with the real worker."""

import signal

import pytest
from tests.support.shell import Shell, wait_until


def test_up_status_and_down_say_what_happens(own_shell: Shell) -> None:
    assert "nothing is running" in own_shell.type("status").out
    first = own_shell.type("up")
    assert first.code == 0, first.err
    assert "provider local (nothing else was asked for)" in first.err
    assert "worker   loading" in first.err
    assert "ready    tiny · after" in first.err
    again = own_shell.type("up", "--json")
    assert (again.code, again.document["started"], again.document["model"]) == (0, False, "tiny")
    assert first.out.strip() == again.document["pod"]["id"]
    status = own_shell.type("status")
    for words in ("provider local (a worker runs there)", "ready for 00:0", "tiny", "0 running, 0 waiting", "watchdog alive", "worker.log"):
        assert words in status.out
    facts = own_shell.type("status", "--json").document
    assert facts["worker"]["phase"] == "ready"
    assert facts["worker"]["plan"]["precision"] == "float32"
    assert 0 < facts["ends"]["in_seconds"] <= 1800
    down = own_shell.type("down", "--json")
    assert (down.code, down.document["ended"]) == (0, True)
    nothing = own_shell.type("down")
    assert (nothing.code, nothing.out) == (0, "")
    assert "nothing is running" in nothing.err
    assert own_shell.type("status", "--json").document["running"] is False


def test_down_brings_home_what_is_finished(own_shell: Shell) -> None:
    job = own_shell.start("gen", "a", "--count", "50", "--steps", "20", "--seed", "1")
    wait_until(lambda: "saved" in (job.stderr.readline() if job.stderr else ""))
    job.kill()
    job.communicate()
    before = len(own_shell.pictures)
    assert before < 50
    down = own_shell.type("down")
    assert down.code == 0, down.err
    assert len(own_shell.pictures) > before
    assert own_shell.worker_process() is None


def test_ctrl_c_during_up_says_what_runs(own_shell: Shell) -> None:
    command = own_shell.start("up")
    # Before this line the command is still starting the worker, and would take it back.
    wait_until(lambda: "worker   booting" in (command.stderr.readline() if command.stderr else ""))
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=30)
    assert (command.returncode, out) == (130, "")
    assert "goes on loading" in err
    assert "fluxctl down" in err
    assert "Traceback" not in err
    assert own_shell.worker_process() is not None


def test_a_model_that_cannot_be_loaded_ends_up_with_its_reason_and_the_log(own_shell: Shell) -> None:
    with (own_shell.config / "config.yaml").open("a") as config:
        config.write("  gone:\n    source: /no/such/model\n    steps: 4\n    guidance: 3.5\n")
        config.write("    maximum_sequence_length: 32\n    native_pixels: 4096\n")
    typed = own_shell.type("up", "--model", "gone", "--json")
    assert typed.code == 6
    assert "/no/such/model" in typed.document["error"]["message"]
    assert "worker.log" in typed.document["error"]["hint"]
    assert own_shell.worker_process() is None
    assert own_shell.type("up").code == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("up", "--provider", "lokal"), "did you mean local"),
        (("down", "--provider", "lokal"), "did you mean local"),
        (("status", "--provider", "lokal"), "did you mean local"),
        (("up", "--model", "tiney"), "did you mean tiny"),
    ],
)
def test_a_wrong_name_is_a_usage_error_with_the_nearest_right_one(shell: Shell, words: tuple[str, ...], hint: str) -> None:
    typed = shell.type(*words)
    assert typed.code == 2
    assert hint in typed.err
