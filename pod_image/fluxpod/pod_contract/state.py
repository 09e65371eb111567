"""What the entrypoint answers about itself and its children on its socket, to and from JSON."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

STATE_ROUTE = "/v1/state"
"""`GET`: answers an `EntrypointState`."""
RESTART_ROUTE = "/v1/restart_worker"
"""`POST`: ends the worker, its running job resumable, and starts it again at once."""
STARTING = "starting"
"""The worker has not been started yet."""
RUNNING = "running"
"""The worker's process runs; it answers for itself, or will soon."""
RESTARTING = "restarting"
"""The worker died and is started again soon."""
CRASH_LOOP = "crash_loop"
"""The worker died several times in a row; it is still started again, ever more rarely."""
FAILED = "failed"
"""The worker is not started: `detail` says why and what to do."""
DRAINING = "draining"
"""The pod is ending."""
ENTRYPOINT_STATES = (STARTING, RUNNING, RESTARTING, CRASH_LOOP, FAILED, DRAINING)
SSHD_RUNNING = "running"
LOG_LINES = 50
"""So many last lines of the worker's log are told."""


@dataclass(frozen=True)
class WorkerLife:
    """The worker's process, as the entrypoint sees it."""

    restarts: int = 0
    """How often it was started again after it died; not by `restart_worker`."""
    exit_code: int | None = None
    """Of the last end; negative: ended by that signal; None: it never ended."""
    next_start_seconds: float | None = None
    """Until it is started again; None: it runs, or is not started any more."""


@dataclass(frozen=True)
class EntrypointState:
    """`GET /v1/state` on `PodPaths.entrypoint_socket`."""

    state: str
    """One of `ENTRYPOINT_STATES`."""
    detail: str = ""
    """One sentence for people; every problem of the start that did not stop it, too."""
    worker: WorkerLife = field(default_factory=WorkerLife)
    sshd: str = ""
    """`running`, or `failed: why`."""
    host_key_fingerprint: str = ""
    """Of sshd's ed25519 key, as `SHA256:…`."""
    log: tuple[str, ...] = ()
    """Last lines of the worker's log, the oldest first."""

    def to_json(self) -> dict[str, Any]:
        """Return what goes over the socket."""
        return {**asdict(self), "log": list(self.log)}

    @classmethod
    def from_json(cls, said: object) -> "EntrypointState | None":
        """Given what an entrypoint of any version answered, return what is understood of it; None when it names no state."""
        given = _mapping(said)
        state = given.get("state")
        if not isinstance(state, str) or not state:
            return None
        worker = _mapping(given.get("worker"))
        return cls(
            state=state,
            detail=_text(given, "detail"),
            worker=WorkerLife(
                restarts=int(_number(worker, "restarts") or 0),
                exit_code=None if (code := _number(worker, "exit_code")) is None else int(code),
                next_start_seconds=_number(worker, "next_start_seconds"),
            ),
            sshd=_text(given, "sshd"),
            host_key_fingerprint=_text(given, "host_key_fingerprint"),
            log=_lines(given, "log"),
        )


def _mapping(said: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", said) if isinstance(said, dict) else {}


def _text(given: Mapping[str, object], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _number(given: Mapping[str, object], name: str) -> float | None:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _lines(given: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = given.get(name)
    return tuple(str(line) for line in cast("list[object]", value)) if isinstance(value, list) else ()
