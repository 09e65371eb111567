"""A rented machine that has an address and never gets ready is ended within a limit of its own, and the next choice is tried."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, NoCapacityError, NotReadyError
from fluxctl.link.errors import OtherMachineError, WorkerUnreachableError
from fluxctl.pods.pod import LogTail, Pod, PodPlan
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.rent_wish import RentWish
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.providers.at_home import AtHome
from fluxctl.providers.base import Creation, Report
from fluxctl.services.bring_up import BringUp, Ready
from fluxctl.services.readiness import FIRST_ANSWER_SECONDS
from fluxpod.pod_contract import EntrypointState, Limits
from fluxpod.protocol import PROTOCOL, Health, Phase, source_hash

OTHERS: dict[str, Any] = {"seconds_in_phase": 1.0, "version": "1", "features": []}
Says = Callable[[float], Phase]
"""Given how many seconds the pod has had its address, return what its worker says, or raise."""


def ready(_seconds: float) -> Phase:
    return Phase.READY


def silent(_seconds: float) -> Phase:
    raise WorkerUnreachableError("nobody listens there")


def another_machine(_seconds: float) -> Phase:
    raise OtherMachineError("another machine answers there")


def stuck(_seconds: float) -> Phase:
    return Phase.LOADING


def stale_until(moment: float) -> Says:
    """Return what an address does that is an old one so long."""
    return lambda seconds: ready(seconds) if seconds > moment else another_machine(seconds)


@dataclass
class Market(AtHome):
    """Rents out one machine of each type, in the wished order; each worker says what it says."""

    workers: dict[str, Says]
    was_ready_before: bool = False
    has_to_be_kept: bool = False
    seconds: float = 1000.0
    created_at: float = 0.0
    rented: list[str] = field(default_factory=list[str])
    ended: list[str] = field(default_factory=list[str])
    ready: list[str] = field(default_factory=list[str])
    reports: list[Progress] = field(default_factory=list[Progress])

    def find(self) -> Pod | None:
        return self._pod(self.rented[-1]) if set(self.rented) - set(self.ended) else None

    def create(self, plan: PodPlan, report: Report) -> Creation:
        assert plan.rent is not None
        left = [name for name in plan.rent.gpu_types if name not in plan.rent.tried]
        if not left:
            raise NoCapacityError("nothing that fits can be rented now")
        self.rented.append(left[0])
        self.created_at = self.seconds
        return Creation(self._pod(left[0]), started=True)

    def guard(self, pod: Pod) -> bool:
        return not self.was_ready_before

    def note_ready(self, pod: Pod) -> None:
        self.ready.append(pod.id)

    def give_up(self, pod: Pod, report: Report | None = None) -> bool:
        if not self.has_to_be_kept:
            self.ended.append(pod.id)
        return not self.has_to_be_kept

    def watch(self, pod: Pod) -> None:
        """It watches itself."""

    def connect(self, pod: Pod) -> "Market":
        return self

    def close(self) -> None:
        """Nothing was opened."""

    def is_alive(self, pod: Pod) -> bool:
        return pod.id not in self.ended

    def entrypoint_state(self, pod: Pod) -> EntrypointState | None:
        return None

    def worker_log(self, pod: Pod, lines: int) -> LogTail:
        return LogTail((), "worker.log")

    def knows_hub_token(self, pod: Pod, token: str) -> bool:
        return True

    def health(self) -> Health:
        phase = self.workers[self.rented[-1]](self.seconds - self.created_at)
        return Health(phase=phase, protocol=PROTOCOL, source_hash=source_hash(), pod_id=self.rented[-1], **OTHERS)

    def idle(self) -> Any:
        return cast("Any", self)

    @property
    def progress(self) -> int:
        return 0

    def sleep(self, seconds: float) -> None:
        self.seconds += max(seconds, 1.0)

    def _pod(self, name: str) -> Pod:
        where = ("127.0.0.1", 22)
        rental = Rental(name, f"fluxctl-{name}", RentalState.RUNNING, "", name, 0.5, 0.0, None, None, "", *where, {})
        return Pod(name, "runpod", self.created_at, "embedded", "embedded", Limits(), rental=rental)

    def bring_up(self) -> Ready:
        environment = Environment(variables={}, now=lambda: self.seconds, monotonic=lambda: self.seconds, sleep=self.sleep)
        plan = PodPlan("embedded", "embedded", Limits(), 10, 1000.0, rent=RentWish(tuple(self.workers)))
        return BringUp(environment, cast("Any", self), plan, self.reports.append, 100_000.0).ready()


@pytest.mark.parametrize(("bad", "limit"), [(silent, FIRST_ANSWER_SECONDS), (another_machine, FIRST_ANSWER_SECONDS), (stuck, 1800.0)])
def test_a_machine_that_never_gets_ready_is_ended_within_its_limit_and_the_next_tried(bad: Says, limit: float) -> None:
    market = Market({"A": bad, "B": ready})
    found = market.bring_up()
    assert (found.pod.id, found.started) == ("B", True)
    assert (market.rented, market.ended, market.ready) == (["A", "B"], ["A"], ["B"])
    assert limit <= market.seconds - 1000.0 < limit + 10
    assert next(report.detail for report in market.reports if report.stage is Stage.ENDING)


def test_an_old_address_where_another_machine_answers_is_asked_for_again() -> None:
    market = Market({"A": stale_until(90.0)})
    assert market.bring_up().pod.id == "A"
    assert market.ended == []
    assert any("asked for again" in report.detail for report in market.reports)


def test_when_none_gets_ready_each_is_named_with_its_reason_and_all_are_ended() -> None:
    market = Market({"A": silent, "B": another_machine})
    with pytest.raises(NotReadyError) as raised:
        market.bring_up()
    assert (raised.value.exit_code, raised.value.code) == (6, "no_machine_came_up")
    assert "A: the worker does not answer" in raised.value.message
    assert "B: another machine answers there" in raised.value.message
    assert market.ended == ["A", "B"]


@pytest.mark.parametrize("why", ["was_ready_before", "has_to_be_kept"])
def test_a_pod_that_may_be_worth_something_is_not_given_up(why: str) -> None:
    market = Market({"A": silent, "B": ready})
    setattr(market, why, True)
    with pytest.raises(FluxctlError, match="does not answer"):
        market.bring_up()
    assert (market.rented, market.ended) == (["A"], [])
