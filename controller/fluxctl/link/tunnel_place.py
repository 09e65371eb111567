"""Where the one kept connection to a pod has its files: sockets, lock, the pinned host key."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError
from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.link.socket_folder import private_folder, socket_folder

_LONGEST_NAME = "0123456789ab/c.0123456789abcdef"
"""ssh makes the control socket under a longer name first."""
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class TunnelPlace:
    """A folder that only this user can enter; its path is short."""

    folder: Path

    @property
    def control(self) -> Path:
        """Return ssh's control socket."""
        return self.folder / "c"

    @property
    def worker(self) -> Path:
        """Return the socket that leads to the worker."""
        return self.folder / "w"

    @property
    def entrypoint(self) -> Path:
        """Return the socket that leads to the pod's entrypoint."""
        return self.folder / "e"

    @property
    def known_hosts(self) -> Path:
        """Return the file with the one host key that is accepted."""
        return self.folder / "known_hosts"

    @property
    def identity(self) -> Path:
        """Return the public half of a key that lies in an agent."""
        return self.folder / "identity.pub"

    def clear_sockets(self) -> None:
        """Remove what an earlier master left."""
        self.remove(self.control, self.worker, self.entrypoint)

    def remove(self, *paths: Path) -> None:
        """Remove files that may be there; raise ProviderError when something in their place cannot be."""
        for path in paths:
            with _told(path):
                path.unlink(missing_ok=True)

    def write(self, path: Path, line: str) -> None:
        """Write one line into a file, whole at every moment."""
        aside = path.with_name(f"{path.name}.new")
        with _told(path):
            aside.write_text(f"{line}\n", encoding="utf-8")
            aside.chmod(0o600)
            aside.replace(path)

    @contextmanager
    def alone(self, limit_seconds: float, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> Generator[None]:
        """Keep every other fluxctl of this user from building or ending the connection; raise WorkerUnreachableError when one of
        them takes too long about it."""
        path = self.folder / "lock"
        with _told(path):
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            latest = monotonic() + limit_seconds
            while not _locked(descriptor):
                if monotonic() >= latest:
                    why = "another fluxctl has been connecting to the pod for too long"
                    raise WorkerUnreachableError(why, hint="fluxctl status", code="ssh_busy")
                sleep(_POLL_SECONDS)
            yield
        finally:
            os.close(descriptor)


def tunnel_place(environment: Environment, pod_id: str) -> TunnelPlace:
    """Given a pod's id, make the folder of its connection and return it; raise ProviderError when that is not safe."""
    name = hashlib.sha256(f"{environment.paths.state}\0{pod_id}".encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return TunnelPlace(private_folder(socket_folder(environment.variables, _LONGEST_NAME) / name))


@contextmanager
def _told(path: Path) -> Generator[None]:
    """Raise ProviderError, with the file's name, where something cannot be done with it."""
    try:
        yield
    except OSError as error:
        why = f"{path}, which the connection to the pod needs, cannot be used: {error.strerror}"
        raise ProviderError(why, hint=f"look at it (ls -la {path.parent}) and remove it", code="tunnel_files") from error


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
