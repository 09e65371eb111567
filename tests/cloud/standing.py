"""Decides what the platform tells of a pod at a moment, which is not always how it is."""

from dataclasses import dataclass, replace

from tests.cloud.pod import EXITED, RUNNING, TERMINATED, CloudPod
from tests.cloud.tier import Container


@dataclass(frozen=True)
class Standing:
    """What an API shows."""

    desired: str
    container: Container
    shows_runtime: bool
    uptime_seconds: int


def standing(pod: CloudPod, container: Container, now: float) -> Standing:
    """Return it: a stop that shows late, a runtime of before that still shows, an old address after a start."""
    desired = pod.desired
    life = pod.life
    if desired == EXITED and pod.stopped_at is not None and now < pod.stopped_at + life.stop_shows_after_seconds:
        desired = RUNNING
    up = container.up_since
    is_stale = pod.desired == EXITED and pod.stopped_at is not None and now < pod.stopped_at + life.stale_seconds
    if pod.desired != RUNNING and up is not None and pod.stopped_at is not None and up > pod.stopped_at:
        up = None
    shows = up is not None and (pod.desired == RUNNING or is_stale) and not (life.runtime_hidden and desired == RUNNING)
    if shows and up is not None and pod.desired == RUNNING and pod.starts > 1 and pod.last_ssh and now < up + life.old_port_seconds:
        container = replace(container, ssh=pod.last_ssh)
    if desired == TERMINATED:
        shows = False
    return Standing(desired, container, shows, int(now - up) if shows and up is not None else 0)
