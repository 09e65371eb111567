"""Pods that are only told of: what becomes of one is its `Life` and the clock; nothing runs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.cloud.pod import CloudPod
from tests.cloud.system_log import end_lines, mount_is_broken, start_lines
from tests.cloud.tier import CONTAINER, Container, Line

FIRST_PORT = 40_000
Address = Callable[[CloudPod], tuple[str, int]]


@dataclass
class _Start:
    """One start of one pod."""

    at: float
    ssh: tuple[str, int]
    restarted: list[float] = field(default_factory=list[float])
    ended_at: float | None = None


@dataclass
class SimulatedTier:
    """Nothing listens at the addresses unless `ssh_address` says where something does."""

    ssh_address: Address | None = None
    _starts: dict[str, list[_Start]] = field(default_factory=dict[str, list[_Start]])
    _ports: int = FIRST_PORT

    def start(self, pod: CloudPod, now: float) -> None:
        """Note a start; every one gets another port."""
        self._ports += 7
        port = FIRST_PORT + self._ports % 20_000
        self._starts.setdefault(pod.id, []).append(_Start(now, ("127.0.0.1", port)))

    def restart(self, pod: CloudPod, now: float) -> None:
        """Note that the container began anew."""
        self._starts[pod.id][-1].restarted.append(now)

    def end(self, pod: CloudPod, now: float, *, keep: bool) -> None:
        """Note the end."""
        self._starts[pod.id][-1].ended_at = now

    def look(self, pod: CloudPod, now: float) -> Container:
        """Return what the pod's life says of this moment."""
        start, life = self._starts[pod.id][-1], pod.life
        age = now - start.at
        exited_at = None if life.exits_after_seconds is None else start.at + life.exits_after_seconds
        exited_at = exited_at if exited_at is not None and exited_at <= now else None
        up_since = self._up_since(pod, start, now)
        if up_since is None:
            return Container(is_scheduled=age >= life.schedule_seconds, exited_at=exited_at)
        has_port = life.gives_port and now - self._first_up(pod, start) >= life.port_seconds
        ssh = (self.ssh_address(pod) if self.ssh_address else start.ssh) if has_port and "22/tcp" in pod.order.ports else None
        return Container(up_since, ssh, has_public_ip=pod.order.public_ip, exited_at=exited_at)

    def lines(self, pod: CloudPod, now: float) -> list[Line]:
        """Return what the platform would have written down."""
        found: list[Line] = []
        for start in self._starts[pod.id]:
            until = now if start.ended_at is None else min(now, start.ended_at)
            found += start_lines(pod, start.at, until)
            up = self._up_since(pod, start, until)
            if up is not None:
                found.append(Line(self._first_up(pod, start), CONTAINER, "entrypoint: a pod that is only simulated"))
            if start.ended_at is not None:
                found += end_lines(start.ended_at)
        return [line for line in found if line.at <= now]

    def close(self) -> None:
        """Do nothing: nothing runs."""

    def _first_up(self, pod: CloudPod, start: _Start) -> float:
        return start.at + pod.life.schedule_seconds + pod.life.pull_seconds

    def _up_since(self, pod: CloudPod, start: _Start, now: float) -> float | None:
        life, first = pod.life, self._first_up(pod, start)
        if life.pull_error or mount_is_broken(pod.order) or now < first:
            return None
        up = first
        if life.restarts_every_seconds:
            up += (now - first) // life.restarts_every_seconds * life.restarts_every_seconds
        return max([up, *(moment for moment in start.restarted if moment <= now)])
