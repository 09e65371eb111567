"""What a training run says of itself."""

import pytest

from fluxpod.embedded.pace import Pace


def test_it_tells_the_mean_of_every_so_many_steps_and_begins_anew(capsys: pytest.CaptureFixture[str]) -> None:
    pace = Pace(every_steps=2, last=10)
    for step, loss in enumerate((1.0, 3.0, 5.0, 5.5), 1):
        pace.note("native", step, loss=loss, read_right=0.5)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("native step 2/10 loss 2.0000, read right 0.5000, ")
    assert second.startswith("native step 4/10 loss 5.2500, ")


def test_a_silent_one_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    pace = Pace(every_steps=1, last=1, silent=True)
    pace.note("native", 1, loss=1.0)
    assert capsys.readouterr().out == ""
