"""Says where the worker stands: its phase, since when, and what it has loaded."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from fluxpod.activity import Activity
from fluxpod.protocol import EnginePlan, Phase


@dataclass(frozen=True)
class Snapshot:
    """One consistent view; `since` is on the monotonic clock."""

    phase: Phase
    detail: str
    since: float
    bytes_done: int | None = None
    bytes_total: int | None = None
    model: str | None = None
    plan: EnginePlan | None = None


class Standing:
    """Set by the engine's thread, read by anybody: a change replaces one immutable snapshot."""

    def __init__(self, activity: Activity, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._activity = activity
        self._monotonic = monotonic
        self.now = Snapshot(Phase.BOOTING, "starting", monotonic())

    @property
    def seconds_in_phase(self) -> float:
        """How long the phase has lasted."""
        return self._monotonic() - self.now.since

    def enter(self, phase: Phase, detail: str = "") -> None:
        """Begin a phase; nothing is loaded in it."""
        self.now = Snapshot(phase, detail, self._monotonic())
        self._activity.progressed()

    def downloaded(self, size_bytes: int, total_bytes: int | None) -> None:
        """Note how much of a download is here, and of how much. Other revisions in the same cache count as here, so it is capped."""
        size_bytes = size_bytes if total_bytes is None else min(size_bytes, total_bytes)
        if size_bytes != self.now.bytes_done:
            self.now = replace(self.now, bytes_done=size_bytes, bytes_total=total_bytes)
            self._activity.progressed()

    def ready(self, model: str | None = None, plan: EnginePlan | None = None) -> None:
        """The worker takes jobs, with this model loaded; None: none at the moment."""
        self.now = Snapshot(Phase.READY, "", self._monotonic(), model=model, plan=plan)
        self._activity.progressed()
