"""What becomes of an intent whose outcome is not known."""

import pytest

from fluxctl.pods.rental import Rental, RentalState
from fluxctl.pods.settlement import LOOK_UP_SECONDS, OPEN_SECONDS, Settlement, settle


def rental(state: RentalState) -> Rental:
    return Rental("pod1", "fluxctl-0-1", state, "", None, None, None, None, None, "image", None, None, {})


def decide(found: Rental | None, **changed: object) -> Settlement:
    facts: dict[str, object] = {"age_seconds": 10.0, "looked_seconds": 5.0, "was_absent": False, "another_lives": False, **changed}
    return settle(found, **facts)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("state", [RentalState.STARTING, RentalState.RUNNING, RentalState.STOPPED, RentalState.UNKNOWN])
def test_a_pod_of_that_name_is_adopted(state: RentalState) -> None:
    assert decide(rental(state)) is Settlement.ADOPT


def test_nothing_is_concluded_before_180_seconds() -> None:
    assert decide(None) is Settlement.WAIT
    assert decide(None, age_seconds=LOOK_UP_SECONDS - 1) is Settlement.WAIT
    assert decide(None, age_seconds=LOOK_UP_SECONDS) is Settlement.ABSENT


def test_a_clock_that_went_back_does_not_make_it_wait_for_ever() -> None:
    assert decide(None, age_seconds=-90_000.0, looked_seconds=LOOK_UP_SECONDS) is Settlement.ABSENT


def test_one_that_comes_after_it_was_given_up_is_ended() -> None:
    assert decide(rental(RentalState.RUNNING), was_absent=True) is Settlement.END


def test_a_second_one_is_ended() -> None:
    assert decide(rental(RentalState.STARTING), another_lives=True) is Settlement.END


def test_one_that_has_ended_by_itself_is_noted_so() -> None:
    assert decide(rental(RentalState.GONE)) is Settlement.GONE


def test_it_is_looked_for_for_a_day() -> None:
    assert decide(None, was_absent=True, age_seconds=OPEN_SECONDS - 1) is Settlement.ABSENT
    assert decide(None, was_absent=True, age_seconds=OPEN_SECONDS) is Settlement.CLOSE
    assert decide(None, was_absent=False, age_seconds=OPEN_SECONDS + 1) is Settlement.ABSENT
