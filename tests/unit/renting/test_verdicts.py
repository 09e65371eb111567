"""Whose a pod is, and what the sweep thinks of it."""

from dataclasses import replace

import pytest

from fluxctl.pods.ownership import Ownership, whose
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.pods.verdicts import OVERTIME_SECONDS, Action, Entry, Judgement, Verdict, judge_missing, judge_rental

OWNER = "0123456789abcdef0123456789abcdef"
NAME = "fluxctl-01234567-89abcdef"
LIVE = Rental("pod1", NAME, RentalState.RUNNING, "", None, 0.86, 1000.0, None, None, "image", None, None, {"FLUXPOD_OWNER_ID": OWNER})
ENTRY = Entry(created_at=1000.0, latest_end_at=29_800.0, wanted=True)


def judged(rental: Rental = LIVE, ownership: Ownership = Ownership.MINE, entry: Entry | None = ENTRY, **changed: object) -> Judgement:
    facts: dict[str, object] = {"unsettled": False, "own_end_at": None, "now": 2000.0, **changed}
    return judge_rental(rental, ownership, entry, **facts)  # pyright: ignore[reportArgumentType]


def test_what_the_ledger_knows_is_mine() -> None:
    assert whose(LIVE, OWNER, {NAME}, set()) is Ownership.MINE
    assert whose(LIVE, OWNER, set(), {"pod1"}) is Ownership.MINE


def test_what_bears_my_tag_and_is_not_in_the_ledger_is_another_computers() -> None:
    assert whose(LIVE, OWNER, set(), set()) is Ownership.OTHER


@pytest.mark.parametrize("tag", [{}, {"FLUXPOD_OWNER_ID": "f" * 32}, {"FLUXPOD_OWNER_ID": ""}])
def test_what_bears_no_tag_or_anothers_is_foreign(tag: dict[str, str]) -> None:
    assert whose(replace(LIVE, environment=tag), OWNER, set(), set()) is Ownership.FOREIGN


def test_names_are_compared_whole() -> None:
    untagged = replace(LIVE, environment={})
    assert whose(untagged, OWNER, {NAME + "0", NAME[:-1], NAME.upper()}, {"pod", "pod11"}) is Ownership.FOREIGN


def test_anothers_tag_goes_before_a_name_of_mine() -> None:
    assert whose(replace(LIVE, environment={"FLUXPOD_OWNER_ID": "f" * 32}), OWNER, {NAME}, {"pod1"}) is Ownership.FOREIGN


def test_nobody_owns_anything_without_an_owner_id() -> None:
    assert whose(replace(LIVE, environment={}), "", set(), set()) is Ownership.FOREIGN


def test_ours_and_wanted_is_left_alone() -> None:
    assert judged() == Judgement(Verdict.WANTED, "the ledger knows it")


@pytest.mark.parametrize("state", list(RentalState))
@pytest.mark.parametrize("entry", [None, ENTRY, replace(ENTRY, wanted=False)])
@pytest.mark.parametrize("now", [2000.0, 9e9])
def test_a_foreign_pod_is_never_touched(state: RentalState, entry: Entry | None, now: float) -> None:
    found = judged(replace(LIVE, state=state), Ownership.FOREIGN, entry, unsettled=True, own_end_at=0.0, now=now)
    assert (found.verdict, found.action) == (Verdict.FOREIGN, Action.NONE)


def test_what_cannot_be_understood_is_never_touched() -> None:
    for ownership in (Ownership.MINE, Ownership.OTHER):
        found = judged(replace(LIVE, state=RentalState.UNKNOWN), ownership, replace(ENTRY, wanted=False), own_end_at=0.0, now=9e9)
        assert (found.verdict, found.action) == (Verdict.UNKNOWN, Action.NONE)


def test_an_orphan_is_ended() -> None:
    assert judged(entry=replace(ENTRY, wanted=False)).action is Action.END
    late = judged(entry=None)
    assert (late.verdict, late.action) == (Verdict.ORPHAN, Action.END)


def test_a_pod_of_an_open_intent_is_settled_first() -> None:
    found = judged(entry=None, unsettled=True)
    assert (found.verdict, found.action) == (Verdict.UNSETTLED, Action.SETTLE)


def test_another_computers_pod_is_adopted_and_lives_until_its_own_deadline() -> None:
    for entry, action in ((None, Action.ADOPT), (replace(ENTRY, adopted=True), Action.NONE)):
        ownership = Ownership.OTHER if entry is None else Ownership.MINE
        for now in (2000.0, 28_000.0 + OVERTIME_SECONDS):
            found = judged(ownership=ownership, entry=entry, own_end_at=28_000.0, now=now)
            assert (found.verdict, found.action) == (Verdict.ELSEWHERE, action)
        over = judged(ownership=ownership, entry=entry, own_end_at=28_000.0, now=28_001.0 + OVERTIME_SECONDS)
        assert (over.verdict, over.action) == (Verdict.OVER_AGE, Action.END)


def test_without_a_deadline_that_can_be_read_another_computers_pod_is_never_ended() -> None:
    assert judged(ownership=Ownership.OTHER, entry=None, own_end_at=None, now=9e9).action is Action.ADOPT


def test_over_age_is_ended_after_its_own_watchdog_had_time() -> None:
    assert judged(now=29_800.0 + OVERTIME_SECONDS).verdict is Verdict.WANTED
    over = judged(now=29_801.0 + OVERTIME_SECONDS)
    assert (over.verdict, over.action) == (Verdict.OVER_AGE, Action.END)


def test_a_stopped_pod_is_kept_only_where_that_was_asked_for() -> None:
    stopped = replace(LIVE, state=RentalState.STOPPED, reason="Exited by Runpod")
    assert judged(stopped, entry=replace(ENTRY, kept_stopped=True)).action is Action.NONE
    assert judged(stopped).action is Action.END


def test_a_missing_pod_closes_its_entry_only_with_the_right_key_and_after_60_seconds() -> None:
    assert judge_missing(ENTRY, 1061.0).action is Action.CLOSE
    assert judge_missing(ENTRY, 1059.0).verdict is Verdict.UNKNOWN
    assert judge_missing(replace(ENTRY, same_account=False), 9e9).verdict is Verdict.UNKNOWN
