"""Pods in which something runs: one thread a pod plays the host, pulls for a while, starts the main process, and again when it ends."""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.cloud.pod import CloudPod
from tests.cloud.system_log import container_lines, end_lines, mount_is_broken, start_lines
from tests.cloud.tier import CONTAINER, SYSTEM, Container, Line

PAUSE_SECONDS = 1.0
"""From an end of the main process to its next start."""
GRACE_SECONDS = 10.0
"""From SIGTERM to SIGKILL."""
POLL_SECONDS = 0.2
ON_THIS_COMPUTER = "127.0.0.1"


class Running(Protocol):
    """A main process."""

    def runs(self) -> bool:
        """Return whether it lives."""
        ...

    def end(self, grace_seconds: float) -> None:
        """End it and all that it started, and wait for that."""
        ...


class Host(Protocol):
    """What main processes are made of."""

    def variables(self, pod: CloudPod) -> dict[str, str]:
        """Return which of the pod's variables are other than they were ordered."""
        ...

    def prepare(self, pod: CloudPod) -> None:
        """Make a fresh container disk."""
        ...

    def run(self, pod: CloudPod, variables: Mapping[str, str], hear: Callable[[str], None]) -> Running:
        """Start the main process; `hear` gets each line that it prints."""
        ...

    def clear(self, pod: CloudPod, *, keep: bool) -> None:
        """Remove what is left of a container that has ended; `keep` the volume disk."""
        ...

    def close(self) -> None:
        """Remove everything that is left."""
        ...


@dataclass
class _Box:
    """One start of one pod."""

    began: float
    ssh_port: int
    lines: list[Line]
    up_since: float | None = None
    restart: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    keep: bool = True
    thread: threading.Thread | None = None


def free_port() -> int:
    """Return a TCP port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((ON_THIS_COMPUTER, 0))
        return int(probe.getsockname()[1])


@dataclass
class RealTier:
    """All pods of one kind."""

    host: Host
    server: Callable[[], Mapping[str, str]]
    """Returns the variables that let a pod reach this server."""
    now: Callable[[], float] = time.time
    _boxes: dict[str, _Box] = field(default_factory=dict[str, _Box])
    _worker_ports: dict[str, int] = field(default_factory=dict[str, int])

    def start(self, pod: CloudPod, now: float) -> None:
        """Begin; sshd gets another port at each start."""
        before = self._boxes.get(pod.id)
        box = _Box(now, free_port(), before.lines if before else [])
        worker_port = self._worker_ports.setdefault(pod.id, free_port())
        ports = {"SSHD_PORT": str(box.ssh_port), "SSHD_ADDRESS": ON_THIS_COMPUTER, "FLUXPOD_PORT": str(worker_port)}
        pod.replaced = {**ports, **self.host.variables(pod)}
        self._boxes[pod.id] = box
        variables = pod.variables(box.ssh_port, self.server())
        box.thread = threading.Thread(target=self._live, args=(pod, box, variables, before), name=f"host-{pod.id}")
        box.thread.start()

    def restart(self, pod: CloudPod, now: float) -> None:
        """Start the main process again."""
        self._boxes[pod.id].restart.set()

    def end(self, pod: CloudPod, now: float, *, keep: bool) -> None:
        """Let the host's thread end it."""
        box = self._boxes[pod.id]
        box.keep = keep
        if box.ended.is_set() and not keep:
            self.host.clear(pod, keep=False)
        elif not box.ended.is_set():
            box.lines += end_lines(now)
            box.ended.set()

    def look(self, pod: CloudPod, now: float) -> Container:
        """Return what can be seen."""
        box, life = self._boxes[pod.id], pod.life
        scheduled = now - box.began >= life.schedule_seconds
        exited_at = None if life.exits_after_seconds is None else box.began + life.exits_after_seconds
        exited_at = exited_at if exited_at is not None and exited_at <= now else None
        if box.up_since is None:
            return Container(is_scheduled=scheduled, exited_at=exited_at)
        shows = life.gives_port and now - box.up_since >= life.port_seconds and "22/tcp" in pod.order.ports
        return Container(box.up_since, (ON_THIS_COMPUTER, box.ssh_port) if shows else None, exited_at=exited_at)

    def lines(self, pod: CloudPod, now: float) -> list[Line]:
        """Return its log."""
        box = self._boxes[pod.id]
        if box.up_since is None and not box.ended.is_set():
            return [*box.lines, *start_lines(pod, box.began, now)]
        return list(box.lines)

    def close(self) -> None:
        """End all, side by side, and wait."""
        for box in self._boxes.values():
            box.keep = False
            box.ended.set()
        for box in self._boxes.values():
            if box.thread is not None:
                box.thread.join()
        self.host.close()

    def _live(self, pod: CloudPod, box: _Box, variables: Mapping[str, str], before: _Box | None) -> None:
        if before is not None and before.thread is not None:
            before.thread.join()
        if not box.ended.wait(pod.life.schedule_seconds + pod.life.pull_seconds) and not self._never_starts(pod):
            self.host.prepare(pod)
            pulled = start_lines(pod, box.began, box.began + pod.life.schedule_seconds + pod.life.pull_seconds)
            box.lines += [line for line in pulled if line.text not in {words.text for words in container_lines(pod, 0.0)}]
            while not box.ended.is_set():
                self._one_life(pod, box, variables)
                box.ended.wait(PAUSE_SECONDS)
        box.ended.wait()
        self.host.clear(pod, keep=box.keep)

    def _one_life(self, pod: CloudPod, box: _Box, variables: Mapping[str, str]) -> None:
        """From a start of the main process to its end; the bill goes on in any case."""
        box.restart.clear()
        box.lines += container_lines(pod, self.now())
        try:
            running = self.host.run(pod, variables, lambda text: box.lines.append(Line(self.now(), CONTAINER, text)))
        except Exception as error:  # noqa: BLE001 - whatever keeps a container from starting, the platform says so and tries again
            box.lines.append(Line(self.now(), SYSTEM, f"error creating container: {error}"))
            return
        box.up_since = self.now()
        while running.runs() and not box.restart.is_set():
            if box.ended.wait(POLL_SECONDS):
                break
        running.end(GRACE_SECONDS)

    def _never_starts(self, pod: CloudPod) -> bool:
        return bool(pod.life.pull_error) or mount_is_broken(pod.order)
