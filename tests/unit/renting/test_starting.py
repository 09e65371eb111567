"""How a rented pod is judged while it comes up, and by the guard."""

from dataclasses import replace

import pytest

from fluxctl.pods.guarding import ABANDONED_SECONDS, GuardFacts, Guarding, judge_guarded
from fluxctl.pods.pull_log import Complaint, complaint_in, container_began, last_line
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.pods.starting import Start, StartFacts, StartLimits, judge_start

PULLING = Rental("pod1", "name", RentalState.STARTING, "Rented by User", None, 0.86, 0.0, None, None, "image", None, None, {})
BOOTING = replace(PULLING, state=RentalState.RUNNING)
ARRIVED = replace(BOOTING, ssh_host="203.0.113.7", ssh_port=10022)
ENDED = replace(PULLING, state=RentalState.STOPPED, reason="Exited by Runpod")
LIMITS = StartLimits()
DENIED = "error pulling image: Error response from daemon: pull access denied for me/flux, repository does not exist"


def start(rental: Rental | None, age: float = 5.0, booting: float | None = None, complaint: Complaint | None = None) -> Start:
    booting = 0.0 if booting is None and rental is not None and rental.state is RentalState.RUNNING else booting
    return judge_start(StartFacts(rental, age, booting, complaint), LIMITS).start


def test_the_way_of_a_good_pod() -> None:
    assert [start(None), start(PULLING), start(BOOTING), start(ARRIVED)] == [Start.PULLING, Start.PULLING, Start.BOOTING, Start.ARRIVED]


def test_an_address_while_the_container_is_not_reported_is_a_stale_one() -> None:
    assert start(replace(ARRIVED, state=RentalState.STARTING)) is Start.PULLING


def test_a_pod_that_ends_at_once_is_bad() -> None:
    verdict = judge_start(StartFacts(ENDED, 6.0, None), LIMITS)
    assert (verdict.start, verdict.reason) == (Start.BAD, "it ended at once (Exited by Runpod)")
    assert start(replace(ENDED, state=RentalState.GONE)) is Start.BAD


def test_without_money_no_other_machine_helps() -> None:
    assert start(replace(ENDED, reason="Exited by RunPod: Insufficient balance")) is Start.HOPELESS


def test_a_pod_that_vanished_is_bad_but_a_new_one_may_not_be_listed_yet() -> None:
    assert start(None, age=59.0) is Start.PULLING
    assert start(None, age=60.0) is Start.BAD


def test_each_wait_has_its_own_limit() -> None:
    assert start(PULLING, age=1200.0) is Start.PULLING
    assert start(PULLING, age=1201.0) is Start.BAD
    assert start(BOOTING, age=1300.0, booting=180.0) is Start.BOOTING
    assert start(BOOTING, age=1300.0, booting=181.0) is Start.BAD


def test_a_pull_that_loops_is_found_in_the_system_log() -> None:
    lines = ["create container me/flux", DENIED]
    once = complaint_in(lines)
    assert once is not None
    assert not once.is_loop
    assert start(PULLING, complaint=once) is Start.PULLING
    looping = complaint_in(lines * 3)
    assert looping is not None
    assert (looping.is_loop, looping.everywhere) == (True, True)
    assert start(PULLING, complaint=looping) is Start.HOPELESS


@pytest.mark.parametrize("line", ["toomanyrequests: You have reached your pull rate limit", "unsatisfied condition: cuda>=12.8"])
def test_what_only_this_host_suffers_from_lets_the_next_be_tried(line: str) -> None:
    looping = complaint_in([line] * 3)
    assert looping is not None
    assert start(PULLING, complaint=looping) is Start.BAD


def test_complaints_that_differ_in_times_and_ids_alone_are_the_same() -> None:
    lines = [f"2026-11-24T00:0{n}:00Z error creating container: failed to register layer {n}{'ab' * 10}" for n in range(3)]
    found = complaint_in(lines)
    assert found is not None
    assert found.times == 3


def test_a_complaint_of_long_ago_does_not_count_once_the_container_runs() -> None:
    assert start(BOOTING, booting=1.0, complaint=complaint_in([DENIED] * 5)) is Start.BOOTING


def test_that_the_image_is_not_there_follows_from_every_pull_that_failed() -> None:
    lines = ["error pulling image: toomanyrequests: limit reached", "error creating container: No such image: me/flux:1"]
    found = complaint_in(lines * 3)
    assert found is not None
    assert (found.text, found.times, found.everywhere) == (lines[0], 3, False)


def test_a_container_that_the_log_tells_of_has_to_get_an_address_too() -> None:
    assert container_began(["Status: Downloaded newer image", "start container for me/flux: begin"])
    assert not container_began(["create container me/flux"])
    assert start(PULLING, age=300.0, booting=180.0) is Start.BOOTING
    assert start(PULLING, age=300.0, booting=181.0) is Start.BAD


def test_a_healthy_pull_complains_of_nothing() -> None:
    lines = ["create container me/flux", "pulling image", "a1b2c3: Pulling fs layer", "Status: Downloaded newer image for me/flux"]
    assert complaint_in(lines) is None
    assert last_line([*lines, "  "]) == "Status: Downloaded newer image for me/flux"


def test_a_log_line_cannot_move_the_cursor() -> None:
    assert last_line(["\x1b[2Jpulling\rimage\x07"]) == "[2Jpulling image"


FACTS = GuardFacts(gone=False, ready=False, still_seconds=10.0, unattended_seconds=0.0, age_seconds=100.0)


def guarded(facts: GuardFacts) -> Guarding:
    return judge_guarded(facts, boot_grace_seconds=1800.0, lifetime_seconds=28800.0).guarding


def test_the_guard_watches_while_somebody_waits_and_something_moves() -> None:
    assert guarded(FACTS) is Guarding.WATCH
    assert guarded(replace(FACTS, unattended_seconds=ABANDONED_SECONDS)) is Guarding.WATCH


def test_the_guard_leaves_a_pod_that_is_ready_or_gone() -> None:
    assert guarded(replace(FACTS, ready=True, still_seconds=9e9, unattended_seconds=9e9, age_seconds=9e9)) is Guarding.LEAVE
    assert guarded(replace(FACTS, gone=True)) is Guarding.LEAVE


@pytest.mark.parametrize(
    "changed",
    [{"still_seconds": 1801.0}, {"unattended_seconds": ABANDONED_SECONDS + 1}, {"age_seconds": 28801.0}],
    ids=lambda it: next(iter(it)),
)
def test_the_guard_ends_what_gets_nowhere_or_is_abandoned_or_too_old(changed: dict[str, float]) -> None:
    assert guarded(replace(FACTS, **changed)) is Guarding.END  # pyright: ignore[reportArgumentType]


def test_a_boot_grace_below_the_usual_patience_holds_for_an_abandoned_pod_too() -> None:
    facts = replace(FACTS, unattended_seconds=61.0)
    assert judge_guarded(facts, boot_grace_seconds=60.0, lifetime_seconds=28800.0).guarding is Guarding.END
