"""Says in a file what the watchdog will do next, for `fluxctl status`; nobody decides anything by it."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fluxpod.watchdog import End
from fluxpod.whole_files import write_whole

_WORTH_WRITING_SECONDS = 1.0


@dataclass
class StateFile:
    """Writes only what has changed: an idle pod's file stays as it is."""

    file: Path
    wall: Callable[[], float]
    _last: dict[str, Any] = field(default_factory=dict[str, Any])

    def publish(self, end: End, lifetime_ends_at: float, now: float) -> None:
        """Given the next end and the lifetime's, on the clock that shows `now`, say them as times of day (UTC).

        A full disk is no reason to stop watching: then the file stays as it was.
        """
        ahead = self.wall() - now
        state = {
            "reason": str(end.reason),
            "ends_at": end.at + ahead,
            "lifetime_ends_at": lifetime_ends_at + ahead,
            "in_use": end.in_use,
        }
        if self._differs(state):
            with suppress(OSError):
                write_whole(self.file, json.dumps(state).encode())
                self._last = state

    def _differs(self, state: dict[str, Any]) -> bool:
        if not self._last or any(state[name] != self._last[name] for name in ("reason", "in_use")):
            return True
        return any(abs(state[name] - self._last[name]) > _WORTH_WRITING_SECONDS for name in ("ends_at", "lifetime_ends_at"))
