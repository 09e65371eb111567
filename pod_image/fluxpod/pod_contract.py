"""Names every environment variable that a pod is created with, and reads and writes them: standard library only."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

POD_ID = "FLUXPOD_POD_ID"
"""Identity of the pod: job records belong to it, and the watchdog's deadline is kept under it."""
RUNPOD_POD_ID = "RUNPOD_POD_ID"
"""Stands in for `POD_ID` at RunPod, which names a pod only once it is created."""
OWNER_ID = "FLUXPOD_OWNER_ID"
"""Whose pod it is: `owner_id` of the creator's settings."""
WORKER_TOKEN = "FLUXPOD_WORKER_TOKEN"  # noqa: S105 - a variable's name
"""Bearer token that every request to the worker must carry. A secret."""
CREATED_AT = "FLUXPOD_CREATED_AT"
"""When the pod was created, in seconds since 1970 (UTC). The absolute lifetime counts from it."""
MODEL = "FLUXPOD_MODEL"
"""Name of the model card whose model is loaded at the start."""
MODEL_SOURCE = "FLUXPOD_MODEL_SOURCE"
"""Where that model comes from: `embedded`, a hub id such as `black-forest-labs/FLUX.1-dev`, or an absolute folder."""
END_ACTION = "FLUXPOD_END_ACTION"
"""How the watchdog ends the pod: one of the `END_…` below."""
END_WORKER = "worker"
"""End the worker process on this computer (local provider)."""
END_CONTAINER = "container"
"""End the entrypoint, and the container with it (docker provider)."""
END_TERMINATE = "terminate"
"""Terminate the pod at RunPod, through its API with the pod-scoped key."""
END_STOP = "stop"
"""Stop it there instead."""
END_ACTIONS = (END_WORKER, END_CONTAINER, END_TERMINATE, END_STOP)
ROOT = "FLUXPOD_ROOT"
"""Folder that prefixes every path that the pod writes; unset or `/` in a container."""
SOCKET = "FLUXPOD_SOCKET"
"""Unix socket on which the worker listens (local provider). Either this or `PORT` is set."""
PORT = "FLUXPOD_PORT"
"""TCP port on 127.0.0.1 on which the worker listens (in a pod)."""
PUBLIC_KEY = "PUBLIC_KEY"
"""Lines of authorized_keys: who may log in over SSH. RunPod's own name."""
HOST_KEY = "FLUXPOD_HOST_KEY"
"""Private ed25519 host key of sshd, as `ssh-keygen` writes it (several lines); unset: the pod makes one. A secret."""
SSHD_PORT = "SSHD_PORT"
"""TCP port of sshd."""
SSHD_ADDRESS = "SSHD_ADDRESS"
"""Address on which sshd listens: 0.0.0.0 in a pod, 127.0.0.1 under host networking."""
DEFAULT_PORT = 8000
DEFAULT_SSHD_PORT = 22
DEFAULT_SSHD_ADDRESS = "0.0.0.0"  # noqa: S104 - inside a container
SECRET_VARIABLES = ("FLUXPOD_WORKER_TOKEN", "FLUXPOD_HOST_KEY", "RUNPOD_API_KEY", "HF_TOKEN")
"""What no shell in the pod gets to see."""
QUEUE_LIMIT = "FLUXPOD_QUEUE_LIMIT"
"""Pictures that may wait in the worker's queue before it answers 429."""
KEEP_RESULTS_SECONDS = "FLUXPOD_KEEP_RESULTS_SECONDS"
"""How long results that nobody acknowledged stay on the volume, in seconds since the job ended."""

LIMIT_NAMES = {
    "idle_timeout_seconds": "FLUXPOD_IDLE_TIMEOUT_SECONDS",
    "boot_grace_seconds": "FLUXPOD_BOOT_GRACE_SECONDS",
    "lifetime_seconds": "FLUXPOD_LIFETIME_SECONDS",
    "drain_seconds": "FLUXPOD_DRAIN_SECONDS",
    "stall_timeout_seconds": "FLUXPOD_STALL_TIMEOUT_SECONDS",
    "silence_timeout_seconds": "FLUXPOD_SILENCE_TIMEOUT_SECONDS",
}
"""Field of `Limits` → environment variable. All in seconds."""


class ContractError(ValueError):
    """A variable of the contract is missing or cannot be read; the text names it."""


@dataclass(frozen=True)
class Limits:
    """When a pod has to end, in seconds; the watchdog keeps every clock."""

    idle_timeout_seconds: float = 600.0
    """Without use for this long, counted from the last movement seen."""
    boot_grace_seconds: float = 1800.0
    """Until the worker is first ready: since the last progress of download, load or compile."""
    lifetime_seconds: float = 28800.0
    """Since creation, whatever happens."""
    drain_seconds: float = 120.0
    """How long the running picture may take to finish once the end is decided."""
    stall_timeout_seconds: float = 300.0
    """Work whose counter has not moved for this long no longer counts as use."""
    silence_timeout_seconds: float = 60.0
    """A worker that has not answered for this long no longer counts as used."""


@dataclass(frozen=True)
class PodContract:
    """What the controller hands over to a pod at creation."""

    pod_id: str
    worker_token: str = field(repr=False)
    created_at: float
    model: str
    model_source: str
    end_action: str
    root: Path
    limits: Limits
    socket: Path | None = None
    """Either this or `port` is set."""
    port: int | None = None
    queue_limit: int = 2000
    keep_results_seconds: float = 604800.0
    owner_id: str = ""
    public_key: str = ""
    host_key: str = field(default="", repr=False)
    sshd_port: int = DEFAULT_SSHD_PORT
    sshd_address: str = DEFAULT_SSHD_ADDRESS

    @property
    def paths(self) -> "PodPaths":
        """Return the places that the pod reads and writes."""
        return PodPaths(self.root)

    def to_environment(self) -> dict[str, str]:
        """Return the variables that a pod of this contract starts with (secrets included)."""
        limits = {LIMIT_NAMES[item.name]: repr(getattr(self.limits, item.name)) for item in fields(self.limits)}
        return {
            POD_ID: self.pod_id,
            WORKER_TOKEN: self.worker_token,
            CREATED_AT: repr(self.created_at),
            MODEL: self.model,
            MODEL_SOURCE: self.model_source,
            END_ACTION: self.end_action,
            ROOT: str(self.root),
            **self._listening(),
            QUEUE_LIMIT: str(self.queue_limit),
            KEEP_RESULTS_SECONDS: repr(self.keep_results_seconds),
            **limits,
        }

    def _listening(self) -> dict[str, str]:
        """Return the variables that say where worker and sshd listen, and for whom; without sshd for a worker on a socket."""
        if self.port is None:
            return {SOCKET: str(self.socket)}
        said = {OWNER_ID: self.owner_id, PUBLIC_KEY: self.public_key, HOST_KEY: self.host_key}
        there = {name: value for name, value in said.items() if value}
        return {PORT: str(self.port), SSHD_PORT: str(self.sshd_port), SSHD_ADDRESS: self.sshd_address, **there}

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] | None = None) -> "PodContract":
        """Given the process's environment, return the contract; raise ContractError when a variable is missing or malformed."""
        given = os.environ if variables is None else variables
        limits = Limits(**{name: _number(given, variable) for name, variable in LIMIT_NAMES.items()})
        socket = given.get(SOCKET, "")
        return cls(
            pod_id=given.get(POD_ID, "") or _text(given, RUNPOD_POD_ID),
            worker_token=_text(given, WORKER_TOKEN),
            created_at=_number(given, CREATED_AT),
            model=_text(given, MODEL),
            model_source=_text(given, MODEL_SOURCE),
            end_action=_text(given, END_ACTION),
            root=Path(given.get(ROOT, "") or "/"),
            limits=limits,
            socket=Path(socket) if socket else None,
            port=None if socket else int(_number({PORT: str(DEFAULT_PORT), **given}, PORT)),
            queue_limit=int(_number(given, QUEUE_LIMIT)),
            keep_results_seconds=_number(given, KEEP_RESULTS_SECONDS),
            owner_id=given.get(OWNER_ID, ""),
            public_key=given.get(PUBLIC_KEY, ""),
            host_key=given.get(HOST_KEY, ""),
            sshd_port=int(_number({SSHD_PORT: str(DEFAULT_SSHD_PORT), **given}, SSHD_PORT)),
            sshd_address=given.get(SSHD_ADDRESS, "") or DEFAULT_SSHD_ADDRESS,
        )


@dataclass(frozen=True)
class PodPaths:
    """Where a pod keeps what; `volume` survives the pod, `run` does not need to."""

    root: Path

    @property
    def volume(self) -> Path:
        """The network volume's folder."""
        return self.root / "workspace"

    @property
    def jobs(self) -> Path:
        """Job records and pictures."""
        return self.volume / "fluxpod" / "jobs"

    @property
    def cache(self) -> Path:
        """Downloads and models that were made here."""
        return self.volume / ".cache"

    @property
    def run(self) -> Path:
        """Locks, process ids and the watchdog's deadline; of the container, never on the volume."""
        return self.root / "run" / "fluxpod"

    @property
    def entrypoint_lock(self) -> Path:
        """Locked by the living entrypoint; holds its process id."""
        return self.run / "entrypoint.lock"

    @property
    def entrypoint_socket(self) -> Path:
        """Unix socket on which the entrypoint answers `GET /v1/state`, also when the worker is down."""
        return self.run / "entrypoint.sock"

    @property
    def worker_lock(self) -> Path:
        """Locked by the living worker; holds its process id."""
        return self.run / "worker.lock"

    @property
    def watchdog_lock(self) -> Path:
        """Locked by the living watchdog; holds its process id."""
        return self.run / "watchdog.lock"

    @property
    def start_lock(self) -> Path:
        """Locked by the one who starts or ends worker and watchdog (local provider)."""
        return self.run / "start.lock"

    @property
    def deadline(self) -> Path:
        """The watchdog's clock: see `watchdog_clock.py`."""
        return self.run / "deadline.json"

    @property
    def watchdog_state(self) -> Path:
        """What the watchdog will do next, for people: see `watchdog_state.py`."""
        return self.run / "watchdog.json"

    @property
    def log(self) -> Path:
        """Where the logs lie."""
        return self.root / "var" / "log" / "fluxpod"

    @property
    def worker_log(self) -> Path:
        """What the worker wrote to stdout and stderr."""
        return self.log / "worker.log"

    @property
    def watchdog_log(self) -> Path:
        """What the watchdog decided, and why."""
        return self.log / "watchdog.log"


def _text(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, "")
    if not value:
        raise ContractError(f"{name} is not set")
    return value


def _number(given: Mapping[str, str], name: str) -> float:
    value = _text(given, name)
    try:
        number = float(value)
    except ValueError as error:
        raise ContractError(f"{name} is not a number: {value!r}") from error
    if not math.isfinite(number):
        raise ContractError(f"{name} is not finite: {value!r}")
    return number
