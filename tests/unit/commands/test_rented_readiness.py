"""What is told while a rented pod's worker comes up: booting until SSH gets there, then connected, then what the worker says."""

from dataclasses import dataclass, field
from typing import Any, cast

from fluxctl.environment import Environment
from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.pods.pod import Pod
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.services.readiness import Readiness
from fluxpod.pod_contract import RUNNING, EntrypointState, Limits
from fluxpod.protocol import Health, Idle, Phase

RENTAL = Rental("p1", "fluxctl-1-2", RentalState.RUNNING, "", "NVIDIA L40S", 0.86, 0.0, "EU-RO-1", None, "i", "127.0.0.1", 22, {})
POD = Pod("p1", "runpod", 0.0, "embedded", "embedded", Limits(), rental=RENTAL)
STARTING = EntrypointState(state=RUNNING, detail="the worker is being started")


@dataclass
class Played:
    """A pod, its worker and its entrypoint: what each says, one look after the other."""

    says: list[Phase | EntrypointState | None]
    """A phase: the worker answers. An entrypoint's state: only that answers. None: nothing does."""
    reports: list[Progress] = field(default_factory=list[Progress])
    seconds: float = 0.0

    def health(self) -> Health:
        if not isinstance(self.says[0], Phase):
            raise WorkerUnreachableError("it does not answer", hint="")
        return Health(phase=self.says[0], seconds_in_phase=0.0, version="1", source_hash="", features=(), pod_id="p1")

    def idle(self) -> Idle:
        return Idle(phase=Phase.LOADING, activity_seen=0, busy=False, progress=0, keep_seconds_left=0.0)

    def entrypoint_state(self, _pod: Pod) -> EntrypointState | None:
        return self.says[0] if isinstance(self.says[0], EntrypointState) else None

    def is_alive(self, _pod: Pod) -> bool:
        return True

    def guard(self, _pod: Pod) -> bool:
        return False

    def note_ready(self, _pod: Pod) -> None:
        return

    def sleep(self, _seconds: float) -> None:
        self.seconds += 2.0
        self.says.pop(0)

    def stages(self, pod: Pod) -> list[Stage]:
        environment = Environment(variables={}, now=lambda: self.seconds, monotonic=lambda: self.seconds, sleep=self.sleep)
        whole = cast(Any, self)
        Readiness(environment, whole, pod, whole, self.reports.append, 900.0).wait()
        return [report.stage for report in self.reports]


def test_a_rented_pod_is_connected_once_its_entrypoint_answers_over_ssh() -> None:
    played = Played([None, STARTING, Phase.BOOTING, Phase.LOADING, Phase.READY])
    assert played.stages(POD) == [Stage.BOOTING, Stage.CONNECTED, Stage.CONNECTED, Stage.LOADING]
    assert [report.seconds for report in played.reports] == [0.0, 0.0, 2.0, 0.0]
    assert played.reports[1].detail == "the worker is being started"


def test_a_worker_that_loads_at_the_first_look_is_connected_before() -> None:
    assert Played([Phase.LOADING, Phase.LOADING, Phase.READY]).stages(POD) == [Stage.CONNECTED, Stage.LOADING, Stage.LOADING]


def test_a_pod_on_this_computer_is_never_told_to_be_connected() -> None:
    here = Pod("p1", "local", 0.0, "embedded", "embedded", Limits())
    assert Played([STARTING, Phase.BOOTING, Phase.LOADING, Phase.READY]).stages(here) == [Stage.BOOTING, Stage.BOOTING, Stage.LOADING]
