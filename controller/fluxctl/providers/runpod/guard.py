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
from fluxctl.providers.pod_keys import PodFolder
from fluxctl.providers.runpod.attendance import Attendance
from fluxctl.providers.runpod.described import contract_of, has_ended, pod_of
from fluxctl.providers.runpod.ending import Ending
from fluxctl.providers.runpod.tenant import Tenant
from fluxpod.pod_contract import ContractError, Limits

POLL_SECONDS = 15.0
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
    _seen: object = None

    def __post_init__(self) -> None:
        """Start the clocks."""
        self._began = self._moved_at = self._attended_at = self.tenant.environment.monotonic()

    def run(self) -> None:
        """Watch until the pod is ready or gone; whatever fails meanwhile is tried again."""
        self.say(f"watching {self.pod.id}")
        while True:
            try:
                if self.step():
                    return
            except FluxctlError as error:
                self.say(f"tried again: {error.message}")
            self.tenant.environment.sleep(POLL_SECONDS)

    def step(self) -> bool:
        """Look once and do what is due; return whether the guard's work is done."""
        with self.tenant.book() as book:
            entry = book.pod(self.pod.id)
        if entry is None or entry.state in (PodState.GONE, PodState.STOPPED):
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
            Ending(self.tenant).end(entry)
            self.say("ended, and RunPod confirms it")
        elif has_ended(rental):
            Ending(self.tenant).close(entry.id)
        return True

    def _judge(self, rental: Rental | None, age_seconds: float) -> GuardVerdict:
        """Gather the facts and judge them."""
        limits = _limits_of(rental)
        ready = self._look(rental)
        now = self._now()
        if Attendance(PodFolder(self.tenant.environment.paths.state, self.pod.id).folder).anybody():
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

    def _now(self) -> float:
        return self.tenant.environment.monotonic()


def _limits_of(rental: Rental | None) -> Limits:
    """Return the limits that a pod was created with; the usual ones where they cannot be read."""
    try:
        return contract_of(rental).limits if rental is not None else Limits()
    except ContractError:
        return Limits()
