"""Decides what becomes of an intent whose outcome is not known (pure): the pod is looked up by its name, adopted or ended."""

from enum import StrEnum

from fluxctl.pods.rental import Rental, RentalState

LOOK_UP_SECONDS = 180.0
"""A pod that was made shows up by then; no other is ordered before."""
OPEN_SECONDS = 24 * 3600.0
"""A pod that comes later than that has never been seen."""


class Settlement(StrEnum):
    """What to do."""

    ADOPT = "adopt"
    END = "end"
    """It came late, or another lives already."""
    GONE = "gone"
    """It was made and has ended."""
    WAIT = "wait"
    """Ask again; nothing else may be ordered."""
    ABSENT = "absent"
    """Nothing came. It is looked for again whenever fluxctl acts, for a day."""
    CLOSE = "close"
    """It is not looked for any more."""


def settle(
    found: Rental | None, *, age_seconds: float, looked_seconds: float, was_absent: bool, another_lives: bool, may_adopt: bool = True
) -> Settlement:
    """Given the pod of an intent's name as a list that succeeded has it (None: not on it), return what to do.

    `age_seconds`: of the intent, on the market's clock. `looked_seconds`: for how long this process has been looking, on a clock that
    no jump moves: it bounds the wait when the other one is wrong. `was_absent`: it was given up before.
    """
    if found is None:
        if was_absent:
            return Settlement.CLOSE if age_seconds >= OPEN_SECONDS else Settlement.ABSENT
        return Settlement.ABSENT if max(age_seconds, looked_seconds) >= LOOK_UP_SECONDS else Settlement.WAIT
    if found.state is RentalState.GONE:
        return Settlement.GONE
    if was_absent or another_lives or not may_adopt:
        return Settlement.END
    return Settlement.ADOPT
