"""Two computers of one person, in an account in which somebody else rents as well: their commands, and what must hold whatever happens."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.support.disturbance import Crash, Disturbance
from tests.support.renter import A40, L40S, Renter, plan

from fluxctl.errors import FluxctlError
from fluxctl.ledger import PodState
from fluxctl.providers.base import StoppedPodLostError
from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.providers.runpod.guard import Guard
from fluxctl.providers.runpod.guarded_order import GuardedOrder
from fluxctl.providers.runpod.provider import RunpodProvider
from fluxctl.services.sweep import sweep_with
from fluxctl.settings.owner import known_owner_id

Command = Callable[[Renter, RunpodProvider], None]
OTHER_OWNERS: list[dict[str, str]] = [{}, {"FLUXPOD_OWNER_ID": "e" * 32}]
LONGEST_SETTLING_SECONDS = 4800.0


@dataclass
class World:
    """Everything of one sequence."""

    server: CloudServer
    clock: VirtualClock
    homes: Path
    image: str
    variables: dict[str, str]
    lost: set[str] = field(default_factory=set[str])
    """Pods that a ledger knew which was lost, and orders that it had open."""
    everything_is_known: bool = True
    """No ledger was lost."""

    def __post_init__(self) -> None:
        """Set the computers up, and let somebody else rent."""
        desk = Renter(self.server, self.clock, self.homes / "desk", self.image, dict(self.variables))
        desk.prepare()
        self.server.balance(1_000_000.0)
        desk.provider().tenant.own()
        shutil.copytree(desk.home, self.homes / "laptop")
        laptop = replace(desk, home=self.homes / "laptop", said=[], guarded=[], opened=[], variables=dict(self.variables))
        self.computers = [desk, laptop]
        self.owner = known_owner_id(desk.environment()) or ""
        api = desk.provider().api
        self.foreign = {api.create(CreateOrder("fluxctl-0a1b2c3d-00000000", "x/y:1", A40, "secure", 10, tag)).id for tag in OTHER_OWNERS}
        self.other_key = self.server.add_key(account=self.server.add_account("other"))

    def provider(self, renter: Renter, **variables: str) -> RunpodProvider:
        """Return a provider as a new command opens it."""
        opened = renter.provider(**variables)
        # Reading a log takes real time, and no decision about money hangs on it.
        opened.api.system_log = lambda pod_id, tail=100: ()  # pyright: ignore[reportAttributeAccessIssue]
        return opened

    def do(self, command: str, which: int, disturbance: Disturbance | None = None, **variables: str) -> None:
        """Type a command at one computer; it may fail, or its process may crash."""
        renter = self.computers[which]
        provider = self.provider(renter, **variables)
        if disturbance is not None:
            disturbance.within(provider)
        commands: dict[str, Command] = {"up": self.up, "down": self.down, "sweep": self.sweep, "find": self.find}
        try:
            with suppress(FluxctlError, Crash):
                commands[command](renter, provider)
        finally:
            _leave(provider)

    def up(self, renter: Renter, provider: RunpodProvider) -> None:
        provider.settle(renter.hear)
        found = provider.find()
        if found is None or provider.arrive(found, renter.hear) is None:
            try:
                provider.create(plan(L40S, A40), renter.hear)
            except StoppedPodLostError:
                provider.create(plan(L40S, A40, replace_stopped=True), renter.hear)
        mine = {entry.id for entry in renter.entries if entry.state is PodState.LIVE and not entry.adopted}
        assert len(mine & self.running) <= 1, "a second pod was rented for one wish"

    def down(self, renter: Renter, provider: RunpodProvider) -> None:
        before = {entry.id for entry in renter.entries if not entry.adopted and entry.state is not PodState.STOPPED}
        provider.settle(renter.hear)
        found = provider.find()
        if found is not None and not found.adopted:
            provider.end(found, renter.hear)
        provider.end_everything(renter.hear)
        assert self._is_blind(provider) or not before & self.running, "down returned, and what it was to end runs"

    def sweep(self, renter: Renter, provider: RunpodProvider) -> None:
        before = self.running
        found = {finding.pod_id for finding in sweep_with(provider, apply=True, report=renter.hear).findings}
        assert self._is_blind(provider) or before & self.running <= found | self.foreign, "the sweep saw no pod where one runs"

    def find(self, renter: Renter, provider: RunpodProvider) -> None:
        before = {entry.id for entry in renter.entries if entry.state is PodState.LIVE}
        if provider.find() is None and not self._is_blind(provider):
            assert not before & self.running, "a live pod was not found, and nothing failed"

    def _is_blind(self, provider: RunpodProvider) -> bool:
        """Return whether it has the key of another account, which sees nothing of this one."""
        key = provider.settings.secrets.runpod_api_key
        return key is not None and key.reveal() == self.other_key

    def guards_finish(self, which: int, *, ready: bool) -> None:
        """Let nobody wait any more, and the guards do their work to the end."""
        renter, self.computers[which].guarded = self.computers[which], []
        names, provider = set(renter.guarded), self.provider(renter)
        names |= {entry.name for entry in renter.entries if entry.state is PodState.LIVE and not entry.adopted}
        for name in sorted(names):
            pod = GuardedOrder(provider.tenant, name, _unheard).pod()
            if pod is None:
                continue
            Guard(provider.tenant, pod, lambda _pod: (ready, None), _unheard).run()
            was_ready = provider.tenant.attendance(pod.id).was_ready
            assert was_ready or pod.id not in self.running, "the guard left a pod that was never ready"

    def lose_ledger(self, which: int) -> None:
        """Delete a ledger."""
        renter = self.computers[which]
        self.everything_is_known = False
        with renter.ledger() as ledger:
            self.lost |= ledger.rentals.names()
        for file in renter.environment().paths.state.glob("ledger.db*"):
            file.unlink()

    @property
    def running(self) -> set[str]:
        """Return the pods of this person that cost money."""
        return {pod.id for pod in self.server.running} - self.foreign

    @property
    def left(self) -> set[str]:
        """Return the pods of this person that are not gone."""
        return {entry.pod_id for entry in self.server.book.left} - self.foreign

    def settle(self) -> None:
        """Let everything late come, and every ledger settle."""
        self.server.faults.clear()
        for pod in self.server.pods.values():
            pod.life.ignored_ends = 0
        self.clock.sleep(LONGEST_SETTLING_SECONDS)
        for renter in self.computers:
            sweep_with(self.provider(renter), apply=True)

    def check(self) -> None:
        """Raise where one of the promises is broken; afterwards nothing of this person's is left."""
        self.settle()
        known = {entry.id: entry for renter in self.computers for entry in renter.entries if entry.state is not PodState.GONE}
        assert self.left <= set(known), "a pod of ours lives that no ledger knows"
        for renter in self.computers:
            own = {entry.id for entry in renter.entries if not entry.adopted}
            assert len(own & self.left) <= 1, "two pods live for one wish"
            assert all(intent.state == "absent" for intent in renter.open_intents)
        for renter in self.computers:
            self.down(renter, self.provider(renter))
        for pod_id in self.left:
            self.provider(self.computers[0]).end_rental(pod_id)
        assert self.left == set()
        self._check_cents()

    def _check_cents(self) -> None:
        """Reconcile with the bills; every pod that was ours stands in the ledger of its computer with what it cost."""
        self.clock.sleep(2 * 24 * 3600.0)
        costs: dict[str, float | None] = {}
        for renter in self.computers:
            sweep_with(self.provider(renter), apply=True)
            costs |= {entry.id: entry.cost_usd for entry in renter.entries if not entry.adopted}
        now = self.clock.true_now()
        for entry in self.server.book:
            tag = self.server.pods[entry.pod_id].order.environment.get("FLUXPOD_OWNER_ID")
            if tag == self.owner and entry.name not in self.lost:
                assert abs((costs[entry.pod_id] or 0.0) - entry.cost_usd(now)) < 0.011, "the ledger misses a cent"

    def close(self) -> None:
        """Close every connection."""
        for renter in self.computers:
            renter.close()


def _leave(provider: RunpodProvider) -> None:
    """Let go of what a process holds when it ends."""
    attended: dict[str, int] = provider.tenant._attended  # pyright: ignore[reportPrivateUsage]
    for descriptor in attended.values():
        os.close(descriptor)
    attended.clear()


def _unheard(_text: Any) -> None:
    """Drop what a guard writes."""
