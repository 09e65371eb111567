"""Judges for the guard a pod that is not ready yet (pure): until then nobody else ends it when the one who rented it is gone."""

from dataclasses import dataclass
from enum import StrEnum

ABANDONED_SECONDS = 300.0
"""Without anybody who waits for it: long enough to type the command again."""


class Guarding(StrEnum):
    """What the guard does next."""

    WATCH = "watch"
    LEAVE = "leave"
    """The pod is ready, and its own watchdog looks after it; or it is gone."""
    END = "end"


@dataclass(frozen=True)
class GuardFacts:
    """What the guard knows."""

    gone: bool
    """The market itself says so."""
    ready: bool
    """The worker has answered, over our own SSH, that it is ready."""
    still_seconds: float
    """Since the last progress that was seen: of the pull, of booting, of download or load."""
    unattended_seconds: float
    """Since anybody was seen waiting for it; 0 while somebody does."""
    age_seconds: float


@dataclass(frozen=True)
class GuardVerdict:
    """What to do, and why."""

    guarding: Guarding
    reason: str = ""


def judge_guarded(facts: GuardFacts, *, boot_grace_seconds: float, lifetime_seconds: float) -> GuardVerdict:
    """Given the facts and the pod's own limits, return what the guard does."""
    if facts.gone:
        return GuardVerdict(Guarding.LEAVE, "it is gone")
    if facts.ready:
        return GuardVerdict(Guarding.LEAVE, "it is ready")
    if facts.age_seconds > lifetime_seconds:
        return GuardVerdict(Guarding.END, f"it is older than its lifetime of {lifetime_seconds:.0f} s")
    if facts.still_seconds > boot_grace_seconds:
        return GuardVerdict(Guarding.END, f"it has made no progress for {facts.still_seconds:.0f} s")
    if facts.unattended_seconds > min(ABANDONED_SECONDS, boot_grace_seconds):
        why = f"whoever started it is gone, and nobody has waited for it for {facts.unattended_seconds:.0f} s"
        return GuardVerdict(Guarding.END, why)
    return GuardVerdict(Guarding.WATCH)
