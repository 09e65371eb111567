"""Judges every pod of the account and every entry of the ledger for the sweep (pure): what lives and should, and what should not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fluxctl.pods.ownership import Ownership
from fluxctl.pods.rental import Rental, RentalState

CONFIRMABLE_SECONDS = 60.0
"""Before, "there is no such pod" may only mean that it is not listed yet."""
OVERTIME_SECONDS = 900.0
"""After the lifetime: the pod's own watchdog finishes its picture and ends it first."""
_ALIVE = (RentalState.STARTING, RentalState.RUNNING, RentalState.STOPPED)


class Verdict(StrEnum):
    """What a pod or an entry is."""

    WANTED = "wanted"
    ORPHAN = "orphan"
    """Ours, and nobody wants it: its end was asked for, or it came late."""
    ELSEWHERE = "elsewhere"
    """Another computer's, or of a ledger that was lost."""
    FOREIGN = "foreign"
    OVER_AGE = "over_age"
    STOPPED = "stopped"
    UNSETTLED = "unsettled"
    """Its intent is open."""
    GONE = "gone"
    """The ledger has it, the market no more."""
    UNKNOWN = "unknown"
    """Nothing can be said for certain."""


class Action(StrEnum):
    """What the sweep does about it."""

    NONE = "none"
    ADOPT = "adopt"
    END = "end"
    SETTLE = "settle"
    CLOSE = "close"


@dataclass(frozen=True)
class Entry:
    """What the ledger says of a pod."""

    created_at: float
    latest_end_at: float
    wanted: bool
    """It is to live: neither its end was asked for, nor is it noted as gone."""
    kept_stopped: bool = False
    """It was stopped to be resumed."""
    adopted: bool = False
    same_account: bool = True
    """The key of now is of the account that rented it."""


@dataclass(frozen=True)
class Judgement:
    """A verdict, why, and what follows."""

    verdict: Verdict
    reason: str
    action: Action = Action.NONE


def judge_rental(
    rental: Rental, ownership: Ownership, entry: Entry | None, *, unsettled: bool, own_end_at: float | None, now: float
) -> Judgement:
    """Given a pod as the market lists it, whose it is, what the ledger says of it and whether its intent is open, judge it.

    `own_end_at`: the end of the lifetime in the pod's own environment, None where it cannot be read. `now`: on the market's clock.
    """
    if ownership is Ownership.FOREIGN:
        return Judgement(Verdict.FOREIGN, "it bears no tag of yours")
    if rental.state not in _ALIVE:
        return Judgement(Verdict.UNKNOWN, "RunPod says something of it that fluxctl does not understand")
    if ownership is Ownership.OTHER:
        return _elsewhere(own_end_at, now, entry=False)
    if entry is None:
        if unsettled:
            return Judgement(Verdict.UNSETTLED, "whether it was made was not known until now", Action.SETTLE)
        return Judgement(Verdict.ORPHAN, "it came after it had been given up", Action.END)
    return _known(rental, entry, own_end_at, now)


def _known(rental: Rental, entry: Entry, own_end_at: float | None, now: float) -> Judgement:
    """Judge a pod of the ledger."""
    if not entry.wanted:
        return Judgement(Verdict.ORPHAN, "its end was asked for, and it lives", Action.END)
    if entry.adopted:
        return _elsewhere(own_end_at, now, entry=True)
    if rental.state is RentalState.STOPPED:
        if entry.kept_stopped:
            return Judgement(Verdict.STOPPED, "it keeps its disk for fluxctl up")
        return Judgement(
            Verdict.ORPHAN, f"it has ended by itself and still costs storage ({rental.reason or 'no reason given'})", Action.END
        )
    if now > entry.latest_end_at + OVERTIME_SECONDS:
        return Judgement(Verdict.OVER_AGE, f"its lifetime ended {now - entry.latest_end_at:.0f} s ago", Action.END)
    return Judgement(Verdict.WANTED, "the ledger knows it")


def _elsewhere(own_end_at: float | None, now: float, *, entry: bool) -> Judgement:
    """Judge a pod that another computer rented: only its own deadline ends it."""
    if own_end_at is not None and now > own_end_at + OVERTIME_SECONDS:
        return Judgement(Verdict.OVER_AGE, f"its own deadline passed {now - own_end_at:.0f} s ago", Action.END)
    why = "another computer of yours rented it, or a ledger that was lost"
    return Judgement(Verdict.ELSEWHERE, why, Action.NONE if entry else Action.ADOPT)


def judge_missing(entry: Entry, now: float) -> Judgement:
    """Given an entry of a pod that is on no list of the market's, a list that succeeded, judge it."""
    if not entry.same_account:
        return Judgement(Verdict.UNKNOWN, "it was rented with a key of another account, which alone can say whether it is gone")
    if now - entry.created_at < CONFIRMABLE_SECONDS:
        return Judgement(Verdict.UNKNOWN, "it is too young for RunPod to be sure")
    return Judgement(Verdict.GONE, "RunPod does not have it any more", Action.CLOSE)


def newest_alive(rentals: Iterable[Rental]) -> Rental | None:
    """Return the newest pod that lives and is not stopped, None if none does."""
    alive: Sequence[Rental] = [rental for rental in rentals if rental.state in (RentalState.STARTING, RentalState.RUNNING)]
    return max(alive, key=lambda rental: rental.created_at or 0.0, default=None)
