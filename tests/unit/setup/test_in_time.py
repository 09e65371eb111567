"""Asking somebody far away: the answer, what the question raised, or an error of our own when nothing comes."""

import threading

import pytest

from fluxctl.errors import FluxctlError, SettingsError
from fluxctl.services.in_time import Asked, in_time, tried

PATIENT_SECONDS = 60.0


def test_an_answer_that_comes_is_returned() -> None:
    assert in_time(lambda: 7, PATIENT_SECONDS, "somebody") == 7


def test_what_the_question_raises_is_raised_here() -> None:
    def refused() -> None:
        raise SettingsError("refused", code="key_refused")

    with pytest.raises(SettingsError, match="refused"):
        in_time(refused, PATIENT_SECONDS, "somebody")
    answer, problem = tried(refused, PATIENT_SECONDS, "somebody")
    assert answer is None and problem is not None and problem.code == "key_refused"


def test_an_answer_that_does_not_come_is_an_error_that_names_whom_it_is_waited_for() -> None:
    released = threading.Event()
    try:
        with pytest.raises(FluxctlError, match=r"RunPod has not answered for 0\.01 s") as raised:
            in_time(released.wait, 0.01, "RunPod")
    finally:
        released.set()
    assert (raised.value.code, raised.value.exit_code) == ("unreachable", 4) and raised.value.hint


def test_questions_are_on_their_way_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=PATIENT_SECONDS)
    first, second = Asked(both.wait), Asked(both.wait)
    assert {first.answer(PATIENT_SECONDS, "one"), second.answer(PATIENT_SECONDS, "other")} == {0, 1}
