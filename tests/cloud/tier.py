"""What a pod is made of: the platform sees a container through this, whichever kind there is."""

from dataclasses import dataclass
from typing import Protocol

from tests.cloud.pod import CloudPod

SYSTEM, CONTAINER = "system", "container"


@dataclass(frozen=True)
class Line:
    """A line of a pod's log."""

    at: float
    source: str
    """`system` or `container`."""
    text: str


@dataclass(frozen=True)
class Container:
    """What can be seen of a pod's container."""

    up_since: float | None = None
    """None: there is none yet."""
    ssh: tuple[str, int] | None = None
    """Public address of port 22."""
    has_public_ip: bool = True
    is_scheduled: bool = True
    exited_at: float | None = None
    """The platform gave it up then."""


class Tier(Protocol):
    """A kind of container. Calls come one at a time, and none of them waits."""

    def start(self, pod: CloudPod, now: float) -> None:
        """Begin with the pod's container: a new one, whatever was before; may change `pod.replaced`."""
        ...

    def restart(self, pod: CloudPod, now: float) -> None:
        """Start the container's main process again, in place."""
        ...

    def end(self, pod: CloudPod, now: float, *, keep: bool) -> None:
        """End the container; `keep` its volume disk."""
        ...

    def look(self, pod: CloudPod, now: float) -> Container:
        """Return what can be seen of it."""
        ...

    def lines(self, pod: CloudPod, now: float) -> list[Line]:
        """Return its log by now, the oldest first."""
        ...

    def close(self) -> None:
        """End everything, and wait for it."""
        ...
