"""Watches a rented pod until it is ready, and ends it when it gets nowhere or when nobody waits for it any more."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fluxctl.errors import FluxctlError
from fluxctl.ledger import PodState, RentedPod
from fluxctl.pods.guarding import GuardFacts, Guarding, GuardVerdict, judge_guarded
from fluxctl.pods.pod import Pod
from fluxctl.pods.pull_log import last_line
from fluxctl.pods.rental import Rental
from fluxctl.pods.verdicts import CONFIRMABLE_SECONDS
from fluxctl.providers.runpod.attendance import Attendance
from fluxctl.providers.runpod.described import contract_of, has_ended, pod_of
from fluxctl.providers.runpod.ending import Ending
from fluxctl.providers.runpod.tenant import Tenant
from fluxpod.pod_contract import ContractError, Limits

POLL_SECONDS = 15.0
LONGEST_POLL_SECONDS = 60.0
"""While RunPod does not answer."""
OVERDUE_SECONDS = 24 * 3600.0
"""So long after the pod's latest end RunPod is asked in vain; then the guard leaves, for its key or its RunPod does not exist any more."""
Ask = Callable[[Pod], tuple[bool, object]]
"""Given a pod with an address, return whether its worker is ready, and what it says of its progress; raise FluxctlError."""


@dataclass
class Guard:
    """The guard of one pod."""

    tenant: Tenant
    pod: RentedPod
    ask: Ask
    say: Callable[[str], None]
    _moved_at: float = field(init=False)
    _attended_at: float = field(init=False)
    _began: float = field(init=False)
    _over_at: float = field(init=False)
    _seen: object = None
    _pause_seconds: float = POLL_SECONDS

    def __post_init__(self) -> None:
        """Start the clocks."""
        self._began = self._moved_at = self._attended_at = self.tenant.environment.monotonic()
        self._over_at = self._began + max(0.0, self.pod.latest_end_at - self.tenant.now()) + OVERDUE_SECONDS

    def run(self) -> None:
        """Watch until the pod is ready or gone; whatever fails meanwhile is tried again, until the pod's end is long over."""
        self.say(f"watching {self.pod.id}")
        pause = POLL_SECONDS
        while self._now() < self._over_at:
            pause = min(2 * pause, LONGEST_POLL_SECONDS)
            try:
                if self.step():
                    return
                pause = self._pause_seconds
            except FluxctlError as error:
                self.say(f"tried again: {error.message}")
            except Exception as error:  # noqa: BLE001 - a guard that a bug ended would leave a pod that costs money
                self.say(f"tried again after a bug: {type(error).__name__}")
            self.tenant.environment.sleep(pause)
        self.say("left without an answer: its lifetime ended a day ago")

    def step(self) -> bool:
        """Look once and do what is due; return whether the guard's work is done."""
        with self.tenant.book() as book:
            # A ledger that was lost takes no pod away from its guard.
            entry = book.pod(self.pod.id) or self.pod
        if entry.state in (PodState.GONE, PodState.STOPPED):
            self.say("the ledger says that it is done")
            return True
        rental = self.tenant.api.rental(self.pod.id)
        age = max(self.tenant.now() - entry.started_at, self._now() - self._began)
        if has_ended(rental) and age < CONFIRMABLE_SECONDS:
            return False
        verdict = self._judge(rental, age)
        if verdict.guarding is Guarding.WATCH:
            return False
        self.say(verdict.reason)
        if verdict.guarding is Guarding.END:
            self._end(entry)
        elif has_ended(rental):
            Ending(self.tenant).close(entry.id)
        else:
            self._attendance.note_ready()
        return True

    def _end(self, entry: RentedPod) -> None:
        """End the pod; one that was stopped before is stopped again: what lies on its disk is not the guard's to lose."""
        if entry.was_resumed and self.tenant.settings.values.pod.end == "stop":
            Ending(self.tenant).stop(entry)
            self.say("stopped, and RunPod confirms it")
            return
        Ending(self.tenant).end(entry)
        self.say("ended, and RunPod confirms it")

    def _judge(self, rental: Rental | None, age_seconds: float) -> GuardVerdict:
        """Gather the facts and judge them."""
        limits = _limits_of(rental)
        self._pause_seconds = max(1.0, min(POLL_SECONDS, limits.boot_grace_seconds / 10))
        ready = self._look(rental) or self._attendance.was_ready
        now = self._now()
        if self._attendance.anybody():
            self._attended_at = now
        facts = GuardFacts(
            gone=has_ended(rental),
            ready=ready,
            still_seconds=now - self._moved_at,
            unattended_seconds=now - self._attended_at,
            age_seconds=age_seconds,
        )
        return judge_guarded(facts, boot_grace_seconds=limits.boot_grace_seconds, lifetime_seconds=limits.lifetime_seconds)

    def _look(self, rental: Rental | None) -> bool:
        """Note whether anything moved since the last look; return whether the worker is ready."""
        if rental is None:
            return False
        ready, said = False, object()
        if rental.ssh_port is None:
            said = self._system_log()
        else:
            try:
                ready, said = self.ask(pod_of(rental, adopted=False))
            except FluxctlError:
                said = "silent"
        seen = (rental.state, rental.ssh_host, rental.ssh_port, said)
        if seen != self._seen:
            self._seen, self._moved_at = seen, self._now()
        return ready

    def _system_log(self) -> str:
        try:
            return last_line(self.tenant.api.system_log(self.pod.id, 5))
        except FluxctlError:
            return ""

    @property
    def _attendance(self) -> Attendance:
        return self.tenant.attendance(self.pod.id)

    def _now(self) -> float:
        return self.tenant.environment.monotonic()


def _limits_of(rental: Rental | None) -> Limits:
    """Return the limits that a pod was created with; the usual ones where they cannot be read."""
    try:
        return contract_of(rental).limits if rental is not None else Limits()
    except ContractError:
        return Limits()
