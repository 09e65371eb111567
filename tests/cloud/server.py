"""A RunPod that runs on this computer: GraphQL and REST v2 on loopback, pods behind them, faults on demand, and the account book."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.cloud.clock import VirtualClock, true_now_of
from tests.cloud.cloud_server import CloudServer
from tests.cloud.lives import Lives
from tests.cloud.market import Market
from tests.cloud.pod import Life
from tests.cloud.real_tier import Host, RealTier
from tests.cloud.simulated import Address, SimulatedTier

SIMULATED, PROCESSES, CONTAINERS = "simulated", "processes", "containers"
QUICK = Life(schedule_seconds=0.2, pull_seconds=0.8, port_seconds=0.3, stale_seconds=2.0)
"""Of a pod in which something runs, unless it is said otherwise."""


@contextmanager
def cloud(
    tier: str = SIMULATED,
    clock: "VirtualClock | Callable[[], float]" = time.time,
    *,
    seed: int = 0,
    ssh_address: Address | None = None,
    life: Life | None = None,
) -> Iterator[CloudServer]:
    """Yield a platform whose pods are `simulated`, `processes` or `containers`; the latter two need the real clock. `seed` decides ids."""
    simulated = SimulatedTier(ssh_address)
    # Ids and keys of a test, which have to be the same in every run.
    market = Market(true_now_of(clock), simulated, random.Random(seed), lives=Lives(life or (Life() if tier == SIMULATED else QUICK)))  # noqa: S311
    server = CloudServer(market)
    if tier != SIMULATED:
        market.tier = RealTier(_host(tier), server.addresses)
    server.open()
    settling = threading.Thread(target=server.keep_settling, name="settling")
    if tier != SIMULATED:
        settling.start()
    try:
        yield server
    finally:
        server.close()
        if tier != SIMULATED:
            settling.join()
    if server.bugs:
        raise ExceptionGroup("this computer's RunPod is broken", server.bugs)


def _host(tier: str) -> Host:
    if tier == PROCESSES:
        from tests.cloud.processes import Processes

        return Processes()
    assert tier == CONTAINERS, f"there is no tier {tier}"
    from tests.cloud.containers import Containers

    return Containers()
