"""The sink: what goes to stdout, what to stderr, and what happens when nobody can answer or read."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.shell import Terminal

from fluxctl.environment import Environment
from fluxctl.errors import DeclinedError, SettingsError
from fluxctl.output.sink import Sink


def _sink(*, stdin: str = "", terminal: bool = False, json_mode: bool = False, **variables: str) -> Sink:
    stream = Terminal if terminal else io.StringIO
    return Sink(Environment(stdin=stream(stdin), stdout=io.StringIO(), stderr=stream(), variables=variables), json_mode=json_mode)


def _printed(sink: Sink) -> tuple[str, str]:
    return sink.environment.stdout.getvalue(), sink.environment.stderr.getvalue()


def test_data_goes_to_stdout_and_talk_to_stderr() -> None:
    sink = _sink()
    sink.line("/pictures/fox.png")
    sink.say("saved")
    sink.hint("fluxctl show fox.png")
    sink.document({"never": "in text mode"})
    assert _printed(sink) == ("/pictures/fox.png\n", "saved\n→ fluxctl show fox.png\n")


def test_json_mode_prints_one_object_and_no_lines_or_tables() -> None:
    sink = _sink(json_mode=True)
    sink.line("/pictures/fox.png")
    sink.table(["a"], [["b"]])
    sink.document({"path": "/pictures/füchse.png"})
    assert json.loads(_printed(sink)[0]) == {"schema": 1, "path": "/pictures/füchse.png", "error": None}


def test_an_error_says_what_happened_and_what_to_type() -> None:
    sink = _sink()
    sink.error(SettingsError("config.env can be read by others", hint="chmod 600 config.env"))
    assert _printed(sink)[1] == "error: config.env can be read by others\n→ chmod 600 config.env\n"


def test_a_table_is_aligned_and_its_cells_are_whole() -> None:
    sink = _sink()
    sink.table(["seed", "prompt"], [["7", "a fox"], ["184467", "a star"]])
    assert _printed(sink)[0] == "seed    prompt\n7       a fox\n184467  a star\n"


def test_an_empty_table_is_its_heads() -> None:
    sink = _sink()
    sink.table(["seed", "prompt"], [])
    assert _printed(sink)[0] == "seed  prompt\n"


@pytest.mark.parametrize("answer", ["y\n", "Yes\n"])
def test_a_person_can_say_yes(answer: str) -> None:
    sink = _sink(stdin=answer, terminal=True)
    sink.confirm("Rent it?", yes=False)
    assert "Rent it? [y/N]" in _printed(sink)[1]


@pytest.mark.parametrize("answer", ["\n", "n\n", "", "yess\n"])
def test_anything_else_is_no(answer: str) -> None:
    with pytest.raises(DeclinedError):
        _sink(stdin=answer, terminal=True).confirm("Rent it?", yes=False)


def test_where_nobody_can_answer_the_flag_is_named() -> None:
    with pytest.raises(DeclinedError) as caught:
        _sink(stdin="y\n").confirm("Rent it?", yes=False)
    assert "--yes" in caught.value.hint
    _sink().confirm("Rent it?", yes=True)


def test_talk_that_an_encoding_cannot_hold_is_replaced() -> None:
    stderr = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    Sink(Environment(stdout=io.StringIO(), stderr=stderr, stdin=io.StringIO(), variables={})).say("狐 → füchse")
    stderr.seek(0)
    assert stderr.read() == "? ? füchse\n"


def test_a_path_is_written_as_the_bytes_it_has() -> None:
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    sink = Sink(Environment(stdout=stdout, stderr=io.StringIO(), stdin=io.StringIO(), variables={}))
    sink.line("/pictures/füchse.png")
    sink.line(os.fsdecode(b"/pictures/caf\xe9.png"))
    assert stdout.buffer.getvalue() == "/pictures/füchse.png\n".encode() + b"/pictures/caf\xe9.png\n"


def test_json_is_ascii_where_the_stream_is_not_utf8() -> None:
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Sink(Environment(stdout=stdout, stderr=io.StringIO(), stdin=io.StringIO(), variables={}), json_mode=True).document({"path": "füchse"})
    assert json.loads(stdout.buffer.getvalue())["path"] == "füchse"


@pytest.mark.parametrize(("redirection", "code"), [(">/dev/full", 1), (">&-", 0), ("<&- >/dev/null", 0), ("2>&-", 0)])
def test_streams_that_are_full_or_closed_are_no_bug(redirection: str, code: int, tmp_path: Path) -> None:
    variables = {**os.environ, "FLUXCTL_HOME": str(tmp_path)}
    command = ["sh", "-c", f"exec {sys.executable} -m fluxctl config path --json {redirection}"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "bug" not in done.stderr


def test_a_dumb_terminal_and_no_color_are_respected() -> None:
    assert _sink(terminal=True).is_live and _sink(terminal=True).is_coloured
    assert not _sink(terminal=True, TERM="dumb").is_live
    assert not _sink(terminal=True, NO_COLOR="1").is_coloured
    assert not _sink().is_live


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path) -> None:
    variables = {**os.environ, "FLUXCTL_HOME": str(tmp_path)}
    command = subprocess.Popen(
        [sys.executable, "-m", "fluxctl", "config", "show"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert command.stdout is not None and command.stderr is not None
    command.stdout.close()
    told = command.stderr.read()
    command.stderr.close()
    assert command.wait(timeout=60) == 0, told
    assert "Traceback" not in told and "BrokenPipe" not in told
