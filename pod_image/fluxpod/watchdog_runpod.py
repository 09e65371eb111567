"""Ends a pod at RunPod with the key that RunPod gave it, and believes it only once RunPod shows that it is gone."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from fluxpod.runpod_api import Outcome, RunPodApi

_LOOKS = 5
_LOOK_SECONDS = 1.0
_TRY_SECONDS = 30.0
"""For a whole try, however long RunPod takes to answer: the next one takes another way."""
_ASKING = 0.75
"""The share of a try that may pass before the looks."""


@dataclass
class RunPodEnding:
    """Terminates or stops the pod in which it runs; a try is one request and a few looks."""

    api: RunPodApi
    action: str
    """`terminate` or `stop`."""
    sleep: Callable[[float], None]
    log: Callable[[str], None]
    wait_seconds: float = 0.0
    try_seconds: float = _TRY_SECONDS
    _asked: bool = False
    """RunPod accepted it once, or knew no such pod: only then can looking tell that it has ended."""

    def present(self) -> bool:
        """Return True: while this process runs, so does the pod."""
        return True

    def end(self) -> bool:
        """Ask RunPod to end the pod, and look whether it has ended."""
        self.wait_seconds = 0.0
        latest = time.monotonic() + self.try_seconds
        outcome = self.api.ask_to_end(self.action, _ASKING * self.try_seconds)
        self.wait_seconds = self.api.retry_after_seconds
        if outcome is Outcome.UNKNOWN:
            self.log(f"RunPod did not {self.action} the pod: {'; '.join(self.api.problems)}")
        else:
            self.log(f"RunPod says to {self.action}: {outcome.value}")
            self._asked = True
        return self._asked and self._has_ended(latest)

    def _has_ended(self, latest: float) -> bool:
        for look in range(_LOOKS):
            if look:
                self.sleep(_LOOK_SECONDS)
            outcome = self.api.ask_whether_ended(self.action, latest - time.monotonic())
            if outcome is Outcome.GONE:
                return True
            if outcome is Outcome.UNKNOWN:
                self.log(f"whether the pod has ended cannot be seen: {'; '.join(self.api.problems)}")
                break
        self.log("the pod has not ended yet")
        return False
