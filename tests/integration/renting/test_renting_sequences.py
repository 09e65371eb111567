"""Random sequences of commands, faults, crashes, late pods and clock jumps: whatever happens, the ledger knows every pod and every cent.

TEST_SEQUENCES sets how many are tried; 2000 is the number before a release.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.cloud.clock import VirtualClock
from tests.cloud.pod import Life
from tests.cloud.server import cloud
from tests.support.registry_server import Registry
from tests.support.renter import A40, L40S, Renter, image_of, plan

from fluxctl.errors import FluxctlError, NoCapacityError, NotConfirmedError
from fluxctl.ledger import PodState
from fluxctl.pods.settlement import LOOK_UP_SECONDS
from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.providers.runpod.guard import Guard
from fluxctl.providers.runpod.provider import RunpodProvider
from fluxctl.services.sweep import sweep_with
from fluxctl.settings.owner import known_owner_id

CALLS = ["rentals", "rental", "create", "terminate", "offers", "account"]
WHATS = ["timeout", "reset", "cut", "500", "502", "html", "null", "429", "unauthorized", "no_capacity", "errors"]
LIVES: list[dict[str, Any]] = [
    {"exits_after_seconds": 3.0},
    {"gives_port": False},
    {"ignored_ends": 2},
    {"ignored_ends": 500},
    {"gone_shows_after_seconds": 30.0},
    {"pull_seconds": 1500.0},
]
SETTLED_SECONDS = LOOK_UP_SECONDS + 3600.0


class Crash(BaseException):
    """The process is gone."""


class Renting(RuleBasedStateMachine):
    """One person with one account, in which somebody else rents as well."""

    @initialize(transport=st.sampled_from(["graphql", "rest"]), seed=st.integers(0, 9))
    def begin(self, transport: str, seed: int) -> None:
        self.stack = ExitStack()
        self.clock = VirtualClock()
        self.server = self.stack.enter_context(cloud(clock=self.clock, seed=seed, life=Life(pull_seconds=4.0)))
        registry = self.stack.enter_context(Registry())
        home = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.renter = Renter(self.server, self.clock, home / "home", image_of(registry, {}))
        self.renter.variables["FLUXCTL_RUNPOD__TRANSPORT"] = transport
        self.renter.prepare()
        self.stack.callback(self.renter.close)
        self.server.balance(100_000.0)
        api = self.provider().api
        tags: list[dict[str, str]] = [{}, {"FLUXPOD_OWNER_ID": "e" * 32}]
        self.foreign = {api.create(CreateOrder("fluxctl-0a1b2c3d-00000000", "x/y:1", A40, "secure", 10, tag)).id for tag in tags}

    def provider(self) -> RunpodProvider:
        opened = self.renter.provider()
        # Reading a log takes real time, and no decision about money hangs on it.
        opened.api.system_log = lambda pod_id, tail=100: ()  # pyright: ignore[reportAttributeAccessIssue]
        return opened

    @rule()
    def up(self) -> None:
        self._command(self._up)

    @rule()
    def down(self) -> None:
        self._command(self._down)

    @rule(call=st.sampled_from(CALLS), number=st.integers(0, 3), after=st.booleans(), command=st.sampled_from(["up", "down", "sweep"]))
    def crash(self, call: str, number: int, after: bool, command: str) -> None:
        provider = self.provider()
        _let_crash(provider, call, number, after=after)
        with suppress(Crash):
            self._command(self._named(command), provider)

    @rule()
    def sweep(self) -> None:
        self._command(self._sweep)

    @rule()
    def look(self) -> None:
        provider = self.provider()
        try:
            found = provider.find()
        except FluxctlError:
            return
        if found is None:
            live = {entry.id for entry in self.renter.entries if entry.state is PodState.LIVE}
            assert not live & {pod.id for pod in self.server.running}, "a live pod was not found, and nothing failed"

    @rule(
        command=st.sampled_from(["up", "up", "down", "sweep"]),
        on=st.sampled_from(["create", "list", "get", "terminate", "offers", "account"]),
        what=st.sampled_from(WHATS),
        times=st.integers(1, 4),
        skip=st.integers(0, 2),
    )
    def fault(self, command: str, on: str, what: str, times: int, skip: int) -> None:
        self.server.fault(on, what, times=times, skip=skip)
        self._command(self._named(command))

    @rule(
        command=st.sampled_from(["up", "up", "down", "sweep"]),
        on=st.sampled_from(["create", "create", "terminate"]),
        what=st.sampled_from(["timeout", "reset", "cut", "500", "502", "html", "null"]),
        list_fails=st.sampled_from([0, 0, 3, 300]),
    )
    def fault_after_the_effect(self, command: str, on: str, what: str, list_fails: int) -> None:
        self.server.fault(on, f"{what}_after_effect")
        if list_fails:
            self.server.fault("list", "502", times=list_fails, skip=2)
        self._command(self._named(command))

    @rule(seconds=st.sampled_from([5.0, 100.0, 300.0, 4000.0]))
    def late_pod(self, seconds: float) -> None:
        self.server.fault("create", "late", seconds=seconds)
        self._command(self._up)

    @rule(life=st.sampled_from(LIVES))
    def next_life(self, life: dict[str, Any]) -> None:
        self.server.next_life(**life)

    @rule(seconds=st.sampled_from([1.0, 59.0, 200.0, 3000.0, 30_000.0, 100_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    @rule(seconds=st.sampled_from([-100_000.0, -200.0, 0.0, 200.0, 100_000.0]))
    def clock_jumps(self, seconds: float) -> None:
        self.clock.error_seconds = seconds

    @rule()
    def guards_look(self) -> None:
        provider = self.provider()
        for entry in self.renter.entries:
            if entry.id in self.renter.guarded and entry.state is PodState.LIVE:
                with suppress(FluxctlError):
                    Guard(provider.tenant, entry, lambda _pod: (False, None), lambda _text: None).step()

    @invariant()
    def nothing_foreign_is_touched(self) -> None:
        if hasattr(self, "foreign"):
            assert self.foreign <= {pod.id for pod in self.server.running}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            with self.stack:
                self._check()

    def _check(self) -> None:
        """Let everything late come, sweep, and look at the book."""
        self.server.faults.clear()
        for pod in self.server.pods.values():
            pod.life.ignored_ends = 0
        self.clock.sleep(SETTLED_SECONDS)
        sweep_with(self.provider(), apply=True)
        alive = {entry.pod_id for entry in self.server.book.left} - self.foreign
        known = {entry.id for entry in self.renter.entries if entry.state is not PodState.GONE}
        assert alive <= known, "a pod of ours lives that the ledger does not know"
        assert len(alive) <= 1, "two pods live for one wish"
        assert self.renter.open_intents == [] or all(intent.state == "absent" for intent in self.renter.open_intents)
        self._down(self.provider())
        assert {entry.pod_id for entry in self.server.book.left} == self.foreign
        self._check_cents()

    def _check_cents(self) -> None:
        """Reconcile with the bills; every pod that ever was ours stands in the ledger with what it cost."""
        self.clock.sleep(2 * 24 * 3600.0)
        sweep_with(self.provider(), apply=True)
        owner = known_owner_id(self.renter.environment())
        ours = [entry for entry in self.server.book if self.server.pods[entry.pod_id].order.environment.get("FLUXPOD_OWNER_ID") == owner]
        costs = {entry.id: entry.cost_usd for entry in self.renter.entries}
        assert {entry.pod_id for entry in ours if owner} <= set(costs)
        for entry in ours if owner else ():
            assert abs((costs[entry.pod_id] or 0.0) - entry.cost_usd(self.clock.true_now())) < 0.011

    def _command(self, command: Callable[[RunpodProvider], None], provider: RunpodProvider | None = None) -> None:
        with suppress(FluxctlError):
            command(provider or self.provider())

    def _named(self, command: str) -> Callable[[RunpodProvider], None]:
        return {"up": self._up, "down": self._down, "sweep": self._sweep}[command]

    def _up(self, provider: RunpodProvider) -> None:
        provider.settle(self.renter.hear)
        found = provider.find()
        if found is None or provider.arrive(found, self.renter.hear) is None:
            provider.create(plan(L40S, A40), self.renter.hear)
        mine = {pod.id for pod in self.server.running} - self.foreign
        ending = {entry.id for entry in self.renter.entries if entry.state is not PodState.LIVE}
        late = {pod.id for pod in self.server.running if pod.name in {intent.name for intent in self.renter.open_intents}}
        assert len(mine - ending - late) <= 1, "a second pod was rented for one wish"

    def _down(self, provider: RunpodProvider) -> None:
        provider.settle(self.renter.hear)
        found = provider.find()
        if found is not None and not found.adopted:
            provider.end(found, self.renter.hear)
        provider.end_everything(self.renter.hear)

    def _sweep(self, provider: RunpodProvider) -> None:
        sweep_with(provider, apply=True, report=self.renter.hear)


def _let_crash(provider: RunpodProvider, call: str, number: int, *, after: bool) -> None:
    """Let the process end at the call of that number, before its effect or between effect and answer."""
    api: Any = provider.api
    real, left = getattr(api, call), [number]

    def crashing(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            return real(*arguments, **named)
        if after:
            with suppress(FluxctlError, NoCapacityError, NotConfirmedError):
                real(*arguments, **named)
        raise Crash

    setattr(api, call, crashing)


def test_no_sequence_leaks_a_pod_or_a_cent() -> None:
    sequences = int(os.environ.get("TEST_SEQUENCES", "12"))
    run_state_machine_as_test(
        Renting,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            print_blob=True,
        ),
    )
