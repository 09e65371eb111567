"""A pod whose entrypoint has given its worker up is ended: told when it is new, replaced when it is an old one."""

import io
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError
from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.pods.pod import LogTail, Pod, PodPlan
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.at_home import AtHome
from fluxctl.providers.base import Creation, Report
from fluxctl.services.bring_up import BringUp
from fluxpod.pod_contract import CRASH_LOOP, FAILED, EntrypointState, Limits
from fluxpod.protocol import PROTOCOL, Health, Phase, source_hash


@dataclass
class Pods(AtHome):
    """A provider whose pods have the states that their entrypoints say, one after the other; with none the worker is ready."""

    states: list[EntrypointState | None]
    living: list[int] = field(default_factory=list[int])
    ended: list[str] = field(default_factory=list[str])
    made: int = 0

    def find(self) -> Pod | None:
        return self._pod(self.living[0]) if self.living else None

    def quote(self, plan: PodPlan) -> None:
        """It costs nothing."""

    def create(self, plan: PodPlan, report: Report) -> Creation:
        self.living.append(self.made)
        self.made += 1
        return Creation(self._pod(self.living[0]), started=True)

    def arrive(self, pod: Pod, report: Report) -> Pod:
        return pod

    def watch(self, pod: Pod) -> None:
        """It watches itself."""

    def connect(self, pod: Pod) -> "Pods":
        return self

    def close(self) -> None:
        """Nothing was opened."""

    def is_alive(self, pod: Pod) -> bool:
        return bool(self.living)

    def entrypoint_state(self, pod: Pod) -> EntrypointState | None:
        return self.states[self.living[0]]

    def worker_log(self, pod: Pod, lines: int) -> LogTail:
        return LogTail((), "worker.log")

    def knows_hub_token(self, pod: Pod, token: str) -> bool:
        return True

    def end(self, pod: Pod, report: Report | None = None) -> None:
        self.ended.append(pod.id)
        self.living.clear()

    def health(self) -> Health:
        if self.states[self.living[0]] is not None:
            raise WorkerUnreachableError("nobody answers")
        return Health(phase=Phase.READY, protocol=PROTOCOL, source_hash=source_hash(), **OTHERS)

    def _pod(self, number: int) -> Pod:
        return Pod(f"pod-{number}", "docker", 1.0, "embedded", "embedded", Limits())


OTHERS: dict[str, Any] = {"seconds_in_phase": 1.0, "version": "1", "features": [], "pod_id": "pod-1"}
GIVEN_UP = [EntrypointState(state, detail="the worker ended 5 times", log=("ImportError: no torch",)) for state in (CRASH_LOOP, FAILED)]


def bring_up(pods: Pods, reports: list[Progress]) -> BringUp:
    environment = Environment(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), variables={})
    plan = PodPlan("embedded", "embedded", Limits(), 10, 1000.0, None)
    return BringUp(environment, cast("Any", pods), plan, reports.append, 60.0)


@pytest.mark.parametrize("state", GIVEN_UP, ids=lambda state: state.state)
def test_a_new_pod_whose_worker_does_not_start_is_ended_and_tells_why(state: EntrypointState) -> None:
    pods, reports = Pods([state]), list[Progress]()
    with pytest.raises(NotReadyError, match="the worker ended 5 times") as raised:
        bring_up(pods, reports).ready()
    assert "ImportError: no torch" in raised.value.message and raised.value.code == "worker_down"
    assert "down" not in raised.value.hint, "it has been ended"
    assert (pods.made, pods.ended) == (1, ["pod-0"])
    assert reports[-1].stage is Stage.ENDING


@pytest.mark.parametrize("state", GIVEN_UP, ids=lambda state: state.state)
def test_an_old_pod_whose_worker_was_given_up_is_replaced(state: EntrypointState) -> None:
    pods = Pods([state, None], living=[0], made=1)
    ready = bring_up(pods, []).ready()
    assert (ready.pod.id, ready.started, pods.ended) == ("pod-1", True, ["pod-0"])
