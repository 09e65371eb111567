"""Says where a pod keeps what."""

from dataclasses import dataclass
from pathlib import Path


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
    def synced_code(self) -> Path:
        """Folder with a package `fluxpod` that `fluxctl sync` brought; the worker runs it instead of the image's while it is there."""
        return self.root / "opt" / "fluxpod-sync"

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

    @property
    def sshd_log(self) -> Path:
        """Who logged in, and who could not."""
        return self.log / "sshd.log"
