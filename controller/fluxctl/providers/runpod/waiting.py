"""Waits for a rented pod to get an address, tells how far it is, and says when it will not come."""

from dataclasses import dataclass, field

from fluxctl.errors import FluxctlError, ProviderError
from fluxctl.ledger import RentedPod
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.pull_log import complaint_in, container_began, last_line
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.pods.starting import Start, StartFacts, StartLimits, StartVerdict, judge_start
from fluxctl.providers.base import Report
from fluxctl.providers.runpod.tenant import Tenant

POLL_SECONDS = 3.0
LOG_SECONDS = 9.0
"""Between two looks at the system log: RunPod answers so many calls a minute."""
LOG_LINES = 40
DEAF_SECONDS = 180.0
"""Without an answer; the pod is in the ledger, and the guard goes on."""


@dataclass
class Waiting:
    """One wait for one pod."""

    tenant: Tenant
    pod: RentedPod
    report: Report
    limits: StartLimits = field(default_factory=StartLimits)
    began_long_ago: bool = True
    """Whether the limits count from the pod's own start; False for one that was ready since."""
    _began: float = field(init=False)
    _stage: Stage = Stage.RENTED
    _stage_at: float = field(init=False)
    _booting_at: float | None = None
    _heard_at: float = field(init=False)
    _logged_at: float = float("-inf")
    _lines: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Start the clocks; one that joins later counts what has passed."""
        now = self.tenant.environment.monotonic()
        passed = self.tenant.now() - self.pod.started_at
        self._began = now - (min(max(passed, 0.0), self.limits.container_seconds) if self.began_long_ago else 0.0)
        self._stage_at = self._heard_at = now

    def wait(self) -> tuple[StartVerdict, Rental | None]:
        """Return how it ended: ARRIVED with the pod as RunPod describes it, else why it does not come."""
        self._say(Stage.RENTED, "")
        while True:
            try:
                rental = self.tenant.api.rental(self.pod.id)
            except ProviderError as error:
                self._deaf(error)
            else:
                self._heard_at = self._now()
                verdict = self._judge(rental)
                if verdict.start not in (Start.PULLING, Start.BOOTING):
                    return verdict, rental
            self.tenant.environment.sleep(POLL_SECONDS)

    def _judge(self, rental: Rental | None) -> StartVerdict:
        runs = rental is not None and rental.state is RentalState.RUNNING
        if not runs:
            self._look_at_log()
        # REST calls a pod without ports as one whose container does not run yet; its log knows better.
        if runs or (rental is not None and container_began(self._lines)):
            self._booting_at = self._now() if self._booting_at is None else self._booting_at
        else:
            self._booting_at = None
        booting = None if self._booting_at is None else self._now() - self._booting_at
        facts = StartFacts(rental, self._now() - self._began, booting, complaint_in(self._lines))
        verdict = judge_start(facts, self.limits)
        if verdict.start is Start.PULLING:
            self._say(Stage.PULLING, last_line(self._lines))
        elif verdict.start is Start.BOOTING:
            self._say(Stage.BOOTING, "the container runs; its address is not known yet")
        return verdict

    def _look_at_log(self) -> None:
        """Read the system log now and then; without it only the limits hold."""
        if self._now() - self._logged_at < LOG_SECONDS:
            return
        self._logged_at = self._now()
        try:
            self._lines = self.tenant.api.system_log(self.pod.id, LOG_LINES)
        except FluxctlError:
            return

    def _deaf(self, error: ProviderError) -> None:
        """Bear with a market that does not answer, for a while."""
        if self._now() - self._heard_at > DEAF_SECONDS or error.code == "rights":
            raise error
        self._say(self._stage, f"RunPod does not answer ({error.message})")

    def _say(self, stage: Stage, detail: str) -> None:
        now = self._now()
        if stage is not self._stage:
            self._stage, self._stage_at = stage, now
        spent = self.pod.cost_until(self.tenant.now())
        self.report(Progress(stage, now - self._stage_at, detail, cost_usd=spent))

    def _now(self) -> float:
        return self.tenant.environment.monotonic()
