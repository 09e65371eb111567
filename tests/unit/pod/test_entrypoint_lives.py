"""When a process that died is started again, and what the entrypoint says meanwhile."""

from dataclasses import replace

import pytest

from fluxpod.entrypoint.lives import LONGEST_PAUSE_SECONDS, LOOP_DEATHS, STABLE_SECONDS, Lives, died, started, wanted_again
from fluxpod.entrypoint.permission import Permission
from fluxpod.entrypoint.standing import Facts, state_of

FACTS = Facts(
    draining=False,
    permission=Permission(granted=True),
    restart_wanted=False,
    worker=Lives(),
    worker_log=("one", "nothing can be kept in /workspace", "=== worker ended"),
    sshd=started(Lives(), 0.0),
    sshd_trouble="",
    sshd_last_line="",
    fingerprint="SHA256:x",
    problems=(),
)


def deaths(number: int, *, lived_seconds: float = 1.0, hopeless: bool = False) -> tuple[Lives, float]:
    """Return the lives after so many ends, and the time of the last one."""
    lives, now = Lives(), 100.0
    for _ in range(number):
        now = max(now, lives.next_start or 0.0)
        assert lives.is_due(now)
        lives = started(lives, now)
        now += lived_seconds
        lives = died(lives, 3, now, hopeless=hopeless)
    return lives, now


def test_a_first_death_is_answered_within_a_second() -> None:
    lives, now = deaths(1)
    assert lives.next_start is not None
    assert lives.next_start - now <= 1.0


def test_the_pauses_grow_and_are_capped() -> None:
    pauses: list[float] = []
    for number in range(1, 14):
        lives, now = deaths(number)
        pauses.append((lives.next_start or 0.0) - now)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_a_long_life_begins_afresh() -> None:
    lives, now = deaths(9, lived_seconds=STABLE_SECONDS)
    assert lives.deaths_in_a_row == 1
    assert (lives.next_start or 0.0) - now <= 1.0
    assert not lives.is_looping(now)


def test_three_deaths_in_a_row_are_a_loop_until_one_lives_long() -> None:
    lives, now = deaths(3)
    assert state_of(replace(FACTS, worker=lives), now).state == "crash_loop"
    again = started(lives, now + 10)
    assert state_of(replace(FACTS, worker=again), now + 11).state == "crash_loop"
    assert state_of(replace(FACTS, worker=again), now + 10 + STABLE_SECONDS).state == "running"


def test_one_death_is_a_restart() -> None:
    lives, now = deaths(1)
    state = state_of(replace(FACTS, worker=lives), now)
    assert (state.state, state.worker.restarts, state.worker.exit_code) == ("restarting", 1, 3)
    assert state.worker.next_start_seconds is not None


def test_an_end_that_says_so_is_a_failure_and_never_a_loop() -> None:
    lives, now = deaths(9, hopeless=True)
    state = state_of(replace(FACTS, worker=lives), now)
    assert (state.state, state.detail) == ("failed", "nothing can be kept in /workspace")
    again = started(lives, now + 30)
    assert state_of(replace(FACTS, worker=again), now + 31).state == "failed"
    assert state_of(replace(FACTS, worker=again), now + 60).state == "running"


def test_a_wanted_start_is_no_death() -> None:
    lives, now = deaths(5)
    fresh = wanted_again(lives, -15)
    assert fresh.is_due(now)
    assert (fresh.deaths_in_a_row, fresh.restarts, fresh.exit_code) == (0, 5, -15)


def test_what_may_not_start_says_why() -> None:
    refused = replace(FACTS, permission=Permission(refusal="no token"), problems=("PUBLIC_KEY holds no key",))
    state = state_of(refused, 0.0)
    assert (state.state, state.detail) == ("failed", "no token; PUBLIC_KEY holds no key")
    assert state_of(replace(FACTS, permission=Permission()), 0.0).state == "starting"


def test_sshd_that_dies_says_its_last_words() -> None:
    facts = replace(FACTS, sshd=deaths(1)[0], sshd_last_line="Address already in use")
    assert state_of(facts, 0.0).sshd == "failed: Address already in use"
    assert state_of(replace(FACTS, sshd_trouble="no place"), 0.0).sshd == "failed: no place"
    assert state_of(FACTS, 0.0).sshd == "running"


def test_draining_comes_before_everything() -> None:
    assert state_of(replace(FACTS, draining=True, worker=deaths(4)[0]), 0.0).state == "draining"


@pytest.mark.parametrize("deaths", [0, LOOP_DEATHS])
def test_a_wanted_restart_is_told_until_the_old_worker_is_gone(deaths: int) -> None:
    worker = replace(started(Lives(), 0.0), deaths_in_a_row=deaths, exit_code=1, hopeless=True)
    assert state_of(replace(FACTS, worker=worker, restart_wanted=True), 1.0).state == "restarting"
    assert state_of(replace(FACTS, worker=worker, restart_wanted=True, draining=True), 1.0).state == "draining"
