"""Random sequences of commands, faults, crashes, late pods and clock jumps: whatever happens, the ledger knows every pod and every cent.

TEST_SEQUENCES sets how many are tried; 2000 is the number before a release. TEST_SEQUENCES_SEED makes them others.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.cloud.clock import VirtualClock
from tests.cloud.pod import Life
from tests.cloud.server import cloud
from tests.support.disturbance import Disturbance, crash
from tests.support.random_renting import World
from tests.support.registry_server import Registry
from tests.support.renter import image_of

WHATS = ["timeout", "reset", "cut", "500", "502", "html", "null", "429", "unauthorized", "no_capacity", "errors"]
LIVES: list[dict[str, Any]] = [
    {"exits_after_seconds": 3.0},
    {"gives_port": False},
    {"ignored_ends": 2},
    {"ignored_ends": 500},
    {"gone_shows_after_seconds": 30.0},
    {"pull_seconds": 1500.0},
    {"host_taken": True, "stop_shows_after_seconds": 40.0},
]
JUMPS = [-100_000.0, -200.0, 0.0, 200.0, 100_000.0]
STOPPING = {"FLUXCTL_POD__END": "stop", "FLUXCTL_RUNPOD__VOLUME_DISK_GB": "60"}
COMMANDS = st.sampled_from(["up", "up", "down", "sweep"])
WHICH = st.sampled_from([0, 0, 0, 1])
"""The computer."""
MOMENT = st.one_of(st.integers(0, 12), st.integers(0, 90))


class Renting(RuleBasedStateMachine):
    """One person with two computers and one account, in which somebody else rents as well."""

    @initialize(transport=st.sampled_from(["graphql", "rest"]), stops=st.sampled_from([False, False, True]), ids=st.integers(0, 9))
    def begin(self, transport: str, stops: bool, ids: int) -> None:
        self.stack = ExitStack()
        clock = VirtualClock()
        server = self.stack.enter_context(cloud(clock=clock, seed=ids, life=Life(pull_seconds=4.0)))
        registry = self.stack.enter_context(Registry())
        homes = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        variables = {"FLUXCTL_RUNPOD__TRANSPORT": transport, **(STOPPING if stops else {})}
        self.world = World(server, clock, homes, image_of(registry, {}), variables)
        self.stack.callback(self.world.close)

    @rule(command=st.sampled_from(["up", "down", "sweep", "find"]), which=WHICH)
    def type(self, command: str, which: int) -> None:
        self.world.do(command, which)

    @rule(command=COMMANDS, which=WHICH, at=MOMENT)
    def crash_within(self, command: str, which: int, at: int) -> None:
        self.world.do(command, which, Disturbance(at, crash))

    @rule(command=COMMANDS, which=WHICH, at=MOMENT, second=COMMANDS, there=WHICH)
    def another_at_the_same_time(self, command: str, which: int, at: int, second: str, there: int) -> None:
        self.world.do(command, which, Disturbance(at, partial(self.world.do, second, there)))

    @rule(command=COMMANDS, which=WHICH, at=MOMENT, seconds=st.sampled_from(JUMPS))
    def clock_jumps_within(self, command: str, which: int, at: int, seconds: float) -> None:
        self.world.do(command, which, Disturbance(at, self._jump(seconds)))

    @rule(command=COMMANDS, which=WHICH, at=MOMENT)
    def suspended_within(self, command: str, which: int, at: int) -> None:
        self.world.do(command, which, Disturbance(at, lambda: self.world.clock.sleep(5000.0)))

    @rule(
        command=st.sampled_from(["up", "up", "down", "sweep", "find"]),
        which=WHICH,
        on=st.sampled_from(["create", "list", "get", "terminate", "offers", "account", "stop", "start"]),
        what=st.sampled_from(WHATS),
        times=st.integers(1, 4),
        skip=st.integers(0, 2),
    )
    def fault(self, command: str, which: int, on: str, what: str, times: int, skip: int) -> None:
        self.world.server.fault(on, what, times=times, skip=skip)
        self.world.do(command, which)

    @rule(
        command=COMMANDS,
        which=WHICH,
        on=st.sampled_from(["create", "create", "terminate", "stop", "start"]),
        what=st.sampled_from(["timeout", "reset", "cut", "500", "502", "html", "null"]),
        list_fails=st.sampled_from([0, 0, 3, 300]),
    )
    def fault_after_the_effect(self, command: str, which: int, on: str, what: str, list_fails: int) -> None:
        self.world.server.fault(on, f"{what}_after_effect")
        if list_fails:
            self.world.server.fault("list", "502", times=list_fails, skip=2)
        self.world.do(command, which)

    @rule(seconds=st.sampled_from([5.0, 100.0, 300.0, 4000.0]), which=WHICH)
    def late_pod(self, seconds: float, which: int) -> None:
        self.world.server.fault("create", "late", seconds=seconds)
        self.world.do("up", which)

    @rule(life=st.sampled_from(LIVES))
    def next_life(self, life: dict[str, Any]) -> None:
        self.world.server.next_life(**life)

    @rule(seconds=st.sampled_from([1.0, 59.0, 200.0, 3000.0, 30_000.0, 100_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.sleep(seconds)

    @rule(seconds=st.sampled_from(JUMPS))
    def clock_jumps(self, seconds: float) -> None:
        self._jump(seconds)()

    @rule(which=WHICH, ready=st.booleans())
    def guards_finish(self, which: int, ready: bool) -> None:
        self.world.guards_finish(which, ready=ready)

    @rule(command=st.sampled_from(["down", "sweep", "find"]), which=WHICH)
    def with_the_key_of_another_account(self, command: str, which: int) -> None:
        self.world.do(command, which, RUNPOD_API_KEY=self.world.other_key)

    @rule(which=WHICH, really=st.sampled_from([False, False, True]))
    def the_ledger_is_lost(self, which: int, really: bool) -> None:
        if really:
            self.world.lose_ledger(which)

    @invariant()
    def nothing_foreign_is_touched(self) -> None:
        if hasattr(self, "world"):
            assert self.world.foreign <= {pod.id for pod in self.world.server.running}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            with self.stack:
                if hasattr(self, "world"):
                    self.world.check()

    def _jump(self, seconds: float) -> Callable[[], None]:
        return lambda: setattr(self.world.clock, "error_seconds", seconds)


@pytest.mark.timeout(0 if "TEST_SEQUENCES" in os.environ else 900)
def test_no_sequence_leaks_a_pod_or_a_cent() -> None:
    sequences, other_seed = int(os.environ.get("TEST_SEQUENCES", "12")), os.environ.get("TEST_SEQUENCES_SEED")
    machine = seed(int(other_seed))(Renting) if other_seed else Renting
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            print_blob=True,
        ),
    )
