"""Progress: a bar that is redrawn on a terminal, now and then a line elsewhere."""

import io
from pathlib import Path

from tests.support.shell import Terminal

from fluxctl.environment import Environment
from fluxctl.output.progress import SECONDS_BETWEEN_LINES, Moment, ProgressDisplay
from fluxctl.output.sink import Sink


def _moment(step: int) -> Moment:
    return Moment(picture=1, pictures=1, step=step, steps=20, iterations_per_second=8.0, seconds_left=2.4)


def _display(stderr: io.StringIO, clock: list[float]) -> ProgressDisplay:
    environment = Environment(stdin=io.StringIO(), stdout=io.StringIO(), stderr=stderr, variables={}, monotonic=lambda: clock[0])
    return ProgressDisplay(Sink(environment))


def test_a_pipe_gets_a_line_now_and_then() -> None:
    stderr, clock = io.StringIO(), [0.0]
    display = _display(stderr, clock)
    for step in range(1, 20):
        display.show(_moment(step))
        clock[0] += SECONDS_BETWEEN_LINES / 5
    assert stderr.getvalue().splitlines() == [f"step {step}/20 · 8.00 it/s · 2 s left" for step in (1, 6, 11, 16)]


def test_a_terminal_gets_one_line_that_is_redrawn_and_then_taken_away() -> None:
    stderr = Terminal()
    with _display(stderr, [0.0]) as display:
        for step in range(1, 21):
            display.show(_moment(step))
    drawn = stderr.getvalue()
    assert "step 1/20" in drawn and "step 20/20" in drawn
    assert drawn.count("\n") <= 3


def test_what_is_saved_stands_on_lines_of_its_own_beside_the_bar() -> None:
    stderr = Terminal()
    with _display(stderr, [0.0]) as display:
        display.show(_moment(3))
        display.saved(Path("/pictures/fox.png"), "saved    seed 7")
        display.show(_moment(4))
        assert display.sink.environment.stdout.getvalue() == "/pictures/fox.png\n"
    assert "\nsaved    seed 7\n" in stderr.getvalue() or "\rsaved" in stderr.getvalue() or "2Ksaved    seed 7\n" in stderr.getvalue()


def test_which_picture_of_many_is_said() -> None:
    assert Moment(2, 3, 5, 20, 8.0, 2.4).text == "picture 2/3 · step 5/20 · 8.00 it/s · 2 s left"


def test_of_many_pictures_the_cost_so_far_and_the_share_of_the_whole_are_told() -> None:
    moment = Moment(3, 4, 10, 20, 8.0, 250.0, 0.036)
    assert moment.text == "picture 3/4 · step 10/20 · 8.00 it/s · 4 min left · $0.04 so far"
    assert moment.share == 0.625


def test_long_waits_are_told_in_hours() -> None:
    assert "2 h 05 min left" in Moment(1, 9, 1, 20, 0.1, 7500.0).text
