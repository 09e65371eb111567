"""One process of the pod's: starts it in a session of its own, takes its words, and notes its end."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from fluxpod.entrypoint import lives as rules
from fluxpod.entrypoint.child_log import ChildLog
from fluxpod.entrypoint.descendants import descendants
from fluxpod.entrypoint.lives import Lives

_NOT_STARTED = 127
Command = Callable[[], tuple[Sequence[str], Mapping[str, str]]]
"""Returns words and environment of the next start."""


class Child:
    """Watchdog, sshd or worker. Used by the entrypoint's main thread only, but for what it says of itself."""

    def __init__(
        self, name: str, command: Command, log: ChildLog, *, hopeless_codes: Sequence[int] = (), waits_for_log: bool = True
    ) -> None:
        """An end with one of `hopeless_codes` says that the next start fails too; without `waits_for_log` words get lost
        when nobody takes them, instead of making the child wait."""
        self.name = name
        self.log = log
        self.lives = Lives()
        self._command = command
        self._hopeless_codes = hopeless_codes
        self._waits_for_log = waits_for_log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Return whether its process ran when it was looked at last."""
        return self._process is not None

    def look(self, now: float) -> None:
        """Note an end, and start what is due."""
        if self._process is not None and (code := self._process.poll()) is not None:
            self._process = None
            self.lives = rules.died(self.lives, code, now, hopeless=code in self._hopeless_codes)
            pause = (self.lives.next_start or now) - now
            self.log.write(f"=== {self.name} ended ({in_words(code)}); it is started again in {pause:.1f} s")
        if self._process is None and self.lives.is_due(now):
            self._start(now)

    def stop(self) -> None:
        """End its process for good if it still runs, and forget its deaths: the next look starts it."""
        code: int | None = None
        if self._process is not None:
            self._process.kill()
            code = self._process.wait()
            self._process = None
            self.log.write(f"=== {self.name} was ended ({in_words(code)}) to start afresh")
        self.lives = rules.wanted_again(self.lives, code)

    def signal(self, number: signal.Signals, *, deep: bool = False) -> None:
        """Send its process a signal; `deep`: also to whatever it started."""
        if self._process is None:
            return
        for process_id in [*(descendants(self._process.pid) if deep else ()), self._process.pid]:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process_id, number)

    def has_ended(self) -> bool:
        """Return whether it has ended by now, without starting it again."""
        return self._process is None or self._process.poll() is not None

    def _start(self, now: float) -> None:
        reading, writing = os.pipe()
        os.set_blocking(writing, self._waits_for_log)
        try:
            words, environment = self._command()
            self._process = subprocess.Popen(
                words, env=dict(environment), stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, start_new_session=True
            )
        except Exception as error:  # noqa: BLE001 - whatever keeps one child from starting, the others go on and it is tried again
            os.close(reading)
            self.log.write(f"{self.name} cannot be started: {error}")
            self.lives = rules.died(self.lives, _NOT_STARTED, now)
        else:
            self.log.follow(reading)
            self.lives = rules.started(self.lives, now)
        finally:
            os.close(writing)


def in_words(exit_code: int) -> str:
    """Return what an exit code means: a code, or a signal's name."""
    if exit_code >= 0:
        return f"code {exit_code}"
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"
