"""Judges a rented pod on its way to an address that SSH can reach (pure): each way to fail has a limit of its own."""

from dataclasses import dataclass
from enum import StrEnum

from fluxctl.pods.pull_log import Complaint
from fluxctl.pods.rental import Rental, RentalState


class Start(StrEnum):
    """Where it stands."""

    PULLING = "pulling"
    """No container yet."""
    BOOTING = "booting"
    """There is a container, and no public address of its sshd yet."""
    ARRIVED = "arrived"
    BAD = "bad"
    """It will not come; another machine may do better."""
    HOPELESS = "hopeless"
    """It will not come, and no other machine would do better."""


@dataclass(frozen=True)
class StartLimits:
    """How long to wait, in seconds."""

    unlisted_seconds: float = 60.0
    """For the market to know the pod that it has just made."""
    container_seconds: float = 1200.0
    """For the image to be pulled and the container to be made: the largest images take a quarter of an hour."""
    address_seconds: float = 180.0
    """From the container to the address; a host without a public one never has it."""
    stale_seconds: float = 0.0
    """For which a pod that was just started again may still be shown as stopped."""


@dataclass(frozen=True)
class StartFacts:
    """What is known of the pod by now."""

    rental: Rental | None
    """None: the market says that there is no such pod."""
    age_seconds: float
    """Since it was ordered or started again."""
    booting_seconds: float | None
    """Since a container was first seen or told of; None while there is none."""
    complaint: Complaint | None = None


@dataclass(frozen=True)
class StartVerdict:
    """Where it stands, and why it failed."""

    start: Start
    reason: str = ""


def judge_start(facts: StartFacts, limits: StartLimits) -> StartVerdict:
    """Given the facts, return where the pod stands."""
    rental = facts.rental
    if rental is None:
        if facts.age_seconds < limits.unlisted_seconds:
            return StartVerdict(Start.PULLING)
        return StartVerdict(Start.BAD, "RunPod does not know it any more")
    if rental.state is RentalState.STOPPED and facts.age_seconds < limits.stale_seconds:
        return StartVerdict(Start.PULLING)
    if rental.state in (RentalState.STOPPED, RentalState.GONE):
        return _ended(rental, facts.complaint)
    if rental.ssh_host is not None and rental.ssh_port is not None and rental.state is RentalState.RUNNING:
        return StartVerdict(Start.ARRIVED)
    if rental.state is not RentalState.RUNNING and facts.complaint is not None and facts.complaint.is_loop:
        start = Start.HOPELESS if facts.complaint.everywhere else Start.BAD
        return StartVerdict(start, f"its container does not come about: {facts.complaint.text}")
    if facts.booting_seconds is not None:
        if facts.booting_seconds > limits.address_seconds:
            return StartVerdict(Start.BAD, f"its host gave it no public address within {limits.address_seconds:.0f} s")
        return StartVerdict(Start.BOOTING)
    if facts.age_seconds > limits.container_seconds:
        return StartVerdict(Start.BAD, f"no container came about within {limits.container_seconds:.0f} s")
    return StartVerdict(Start.PULLING)


def _ended(rental: Rental, complaint: Complaint | None) -> StartVerdict:
    """Judge a pod that ended while it started: the market gives a cause, or none at all."""
    said = rental.reason or "RunPod does not say why"
    if "insufficient balance" in rental.reason.lower():
        return StartVerdict(Start.HOPELESS, f"the account has no money left ({said})")
    if complaint is not None:
        start = Start.HOPELESS if complaint.everywhere else Start.BAD
        return StartVerdict(start, f"it ended at once ({said}): {complaint.text}")
    return StartVerdict(Start.BAD, f"it ended at once ({said})")
