"""A pod's lifetime on a clock that neither suspend nor NTP moves."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxpod.watchdog_clock import Deadline, boot_id, first_deadline, keep, kept_deadline, steady_seconds

LIFETIME = 28800.0
CREATED = 1_790_000_000.0


def deadline(
    *, wall: float = CREATED, steady: float = 5000.0, boot: str = "boot-1", created: float = CREATED, pod: str = "pod-1"
) -> Deadline:
    return first_deadline(pod, created, LIFETIME, wall=wall, steady=steady, boot=boot)


def test_the_lifetime_counts_from_the_creation() -> None:
    assert deadline(wall=CREATED + 100).ends_at == 5000 + LIFETIME - 100


@pytest.mark.parametrize("wall", [CREATED - 1e9, CREATED - 1])
def test_a_creator_whose_clock_is_ahead_does_not_prolong_the_life(wall: float) -> None:
    assert deadline(wall=wall).ends_at == 5000 + LIFETIME


@pytest.mark.parametrize("wall", [CREATED + 1801, CREATED + 1e9])
def test_a_creator_whose_clock_is_behind_takes_half_an_hour_at_most(wall: float) -> None:
    assert deadline(wall=wall).ends_at == 5000 + LIFETIME - 1800


def test_a_restarted_watchdog_keeps_the_deadline_whatever_the_wall_clock_shows(tmp_path: Path) -> None:
    file = tmp_path / "deadline.json"
    first = deadline()
    keep(first, file)
    later = deadline(wall=CREATED + 5e8, steady=9000.0)
    assert kept_deadline(later, file, latest=9000 + LIFETIME) == first
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("other", [{"pod": "pod-2"}, {"created": CREATED + 1}, {"boot": "boot-2"}])
def test_another_pod_or_another_run_of_the_machine_gets_a_deadline_of_its_own(tmp_path: Path, other: dict[str, str]) -> None:
    file = tmp_path / "deadline.json"
    keep(deadline(), file)
    fresh = deadline(steady=9000.0, **other)
    assert kept_deadline(fresh, file, latest=9000 + LIFETIME) == fresh


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"pod_id": "pod-1"}', '{"pod_id": "pod-1", "created_at": "x"}'])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "deadline.json"
    fresh = deadline()
    assert kept_deadline(fresh, file, latest=1e9) == fresh
    file.write_text(content)
    assert kept_deadline(fresh, file, latest=1e9) == fresh


def test_a_file_never_prolongs_a_life(tmp_path: Path) -> None:
    file = tmp_path / "deadline.json"
    fresh = deadline()
    for ends_at in (1e12, float("nan"), float("inf")):
        keep(replace(fresh, ends_at=ends_at), file)
        assert kept_deadline(fresh, file, latest=5000 + LIFETIME) == fresh


@given(st.floats(-1e10, 1e10), st.floats(0, 1e9))
def test_whatever_the_clocks_show_the_life_is_at_most_its_lifetime_and_at_least_half_an_hour_less(wall: float, steady: float) -> None:
    left = deadline(wall=wall, steady=steady).ends_at - steady
    assert LIFETIME - 1800 - 1e-3 <= left <= LIFETIME + 1e-3


def test_the_steady_clock_and_the_machines_run_can_be_read_here() -> None:
    assert steady_seconds() > 0
    assert boot_id() == boot_id()
