"""What happens while a pod comes up or ends: the stages that a person is shown."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a pod stands on its way."""

    WAITING = "waiting"
    """Another fluxctl starts the worker."""
    ORDERED = "ordered"
    """A machine was asked for; whether it is ours is not known yet."""
    RENTED = "rented"
    """A machine is ours, and costs from now on; nothing runs on it yet."""
    PULLING = "pulling"
    """The image comes from its registry."""
    STARTING = "starting"
    BOOTING = "booting"
    CONNECTED = "connected"
    """The rented pod answers over SSH; its worker does not load yet."""
    DOWNLOADING = "downloading"
    LOADING = "loading"
    WARMING = "warming"
    READY = "ready"
    DRAINING = "draining"
    """It finishes the running picture and ends."""
    ENDING = "ending"


@dataclass(frozen=True)
class Progress:
    """One look at it; the same stage comes again and again with more seconds."""

    stage: Stage
    seconds: float
    """In this stage."""
    detail: str = ""
    """One sentence, or nothing."""
    bytes_done: int | None = None
    bytes_total: int | None = None
    cost_usd: float | None = None
    """What the pod has cost so far; None where it costs nothing, or where that is not known."""
