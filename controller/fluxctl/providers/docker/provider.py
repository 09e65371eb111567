"""The docker provider: worker, watchdog and sshd in one container on this computer."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, NotReadyError, ProviderError
from fluxctl.link.client import WorkerClient
from fluxctl.link.connection import Timeouts
from fluxctl.link.identity import find_identity
from fluxctl.link.remote import RemotePod, connect, entrypoint_state
from fluxctl.pods.pod import LogTail, Pod, PodPlan, WatchReport
from fluxctl.providers.alone import alone
from fluxctl.providers.at_home import AtHome
from fluxctl.providers.base import Creation, Log, Report, unheard, waiting_for
from fluxctl.providers.docker.container import LOOPBACK, volume_name
from fluxctl.providers.docker.containers import Containers, pod_of
from fluxctl.providers.docker.ending import Ending
from fluxctl.providers.docker.engine import Engine
from fluxctl.providers.docker.found import NAME
from fluxctl.providers.docker.gpu import uses_gpu
from fluxctl.providers.docker.images import find_image, ready_image, reference_of
from fluxctl.providers.docker.logbook import Logbook
from fluxctl.providers.docker.making import Making
from fluxctl.providers.docker.record import Record
from fluxctl.settings.model import Docker, Link
from fluxctl.settings.owner import known_owner_id, owner_id
from fluxpod.pod_contract import EntrypointState

LOCK_PATIENCE_SECONDS = 1800.0
"""Whoever holds the lock may be pulling an image."""
TIDY_PATIENCE_SECONDS = 1.0


@dataclass
class DockerProvider(AtHome):
    """This user's one container; every method is described in `base.Provider`."""

    environment: Environment
    settings: Docker
    image: str | None
    """The setting `pod.image`."""
    link: Link
    timeouts: Timeouts = field(default_factory=Timeouts)

    def __post_init__(self) -> None:
        """Prepare to ask; nothing is asked yet."""
        self.engine = Engine(self.environment)
        self.record = Record(self.environment.paths.state)

    @property
    def name(self) -> str:
        """Return `docker`."""
        return NAME

    @property
    def containers(self) -> Containers:
        """Return this owner's containers; of nobody while no owner id was ever made."""
        return Containers(self.environment, self.engine, known_owner_id(self.environment) or "")

    def find(self) -> Pod | None:
        """Ask the engine for the container that was used last, else for any that lives."""
        found = self.containers.alive()
        return pod_of(found) if found is not None else None

    def create(self, plan: PodPlan, report: Report) -> Creation:
        """Make and start a container, unless somebody else just did; the engine itself keeps it from then on."""
        owner = owner_id(self.environment)
        with self._alone(report):
            live = self.containers.alive()
            if live is not None:
                self.record.note(live.name)
                return Creation(pod_of(live), started=False)
            self._ending.end_all(self.containers.ended())
            image = ready_image(self.engine, self.image, report, self.environment.monotonic)
            # A key that nobody has is made: on this computer it opens nothing but this container.
            identity = find_identity(self.environment, self.link, make=self.link.ssh_key is None)
            making = Making(self.environment, self.engine, self.settings, owner)
            pod_id = making.make(plan, image, identity.public_key, report)
            found = self.containers.get(pod_id)
            if found is None:
                raise ProviderError(
                    f"the container {pod_id} was gone as soon as it was started", hint="docker ps --all", code="container_gone"
                )
            return Creation(pod_of(found), started=True)

    def watch(self, pod: Pod) -> None:
        """Leave it to the container's entrypoint, which starts the watchdog before anything else and keeps it alive."""

    def connect(self, pod: Pod) -> WorkerClient:
        """Prepare a client over SSH."""
        return connect(self.environment, self.remote(pod), self.link, self.timeouts)

    def remote(self, pod: Pod) -> RemotePod:
        """Return the way in; the port is asked of the engine at every connection."""
        return self.containers.remote(pod.id)

    def is_alive(self, pod: Pod) -> bool:
        """Ask the engine."""
        return self.containers.lives(pod.id)

    def end(self, pod: Pod, report: Report = unheard) -> None:
        """Stop the container and remove it; its volume stays."""
        with self._alone(report):
            self._ending.end(pod.id)
            self.record.note(None)

    def end_everything(self, report: Report = unheard) -> bool:
        """End and remove every container of this owner."""
        if not self.containers.names():
            return False
        with self._alone(report):
            self._ending.end_all(self.containers.names())
            self.record.note(None)
        return True

    def stopped(self) -> None:
        """Return None: pods here end for good."""

    def tidy(self) -> bool:
        """Remove the containers of this owner that have ended."""
        if self.record.pod_id() is None:
            return False
        with suppress(NotReadyError), self._alone(unheard, TIDY_PATIENCE_SECONDS):
            ended = self.containers.ended()
            self._ending.end_all(ended)
            if ended and self.containers.alive() is None:
                self.record.note(None)
            return bool(ended)
        return False

    def knows_hub_token(self, pod: Pod, token: str) -> bool:
        """Look into the container's environment."""
        found = self.containers.get(pod.id)
        return found is not None and found.has_hub_token(token)

    def left_jobs(self) -> frozenset[str]:
        """Look at the worker's files in a container that lives; the volume of one that has ended is not looked into."""
        return self._logbook.left_jobs() if self.record.pod_id() is not None else frozenset()

    def worker_log(self, pod: Pod, lines: int) -> LogTail:
        """Read the end of the log inside the container; of one that does not get so far, what it printed itself."""
        return self._logbook.tail(pod.id, Log.WORKER, lines)

    def watch_report(self, pod: Pod) -> WatchReport:
        """Read inside the container what the watchdog writes."""
        return self._logbook.watch_report(pod.id)

    def entrypoint_state(self, pod: Pod) -> EntrypointState | None:
        """Ask over SSH."""
        try:
            return entrypoint_state(self.environment, self.remote(pod), self.link)
        except FluxctlError:
            return None

    def read_log(self, which: Log, lines: int) -> LogTail:
        """Read the log of the newest container, which may have ended."""
        return self._logbook.last(which, lines)

    def follow_log(self, which: Log, lines: int) -> Iterator[str]:
        """Follow the log of the container that lives; read that of one that has ended."""
        return self._logbook.follow(which, lines)

    def offers_gpu(self) -> bool:
        """Ask the container that lives whether it has one, else the engine whether it offers one that the image can use."""
        found = self.containers.alive() if self.record.pod_id() is not None else None
        if found is not None:
            return found.gpu
        if self.settings.gpu == "none":
            return False
        image = find_image(self.engine, reference_of(self.image))
        return uses_gpu(self.settings.gpu, image.labels if image else {}, self.engine.info)

    def source_hash(self) -> str:
        """Return what the image's label says."""
        image = find_image(self.engine, reference_of(self.image))
        return image.source_hash if image else ""

    @property
    def volume(self) -> str:
        """Return the volume's name; one of this owner's own is called after the owner id, which is not made just to tell that."""
        owner = known_owner_id(self.environment)
        return volume_name(self.settings.volume, owner or "") if self.settings.volume or owner else ""

    def place(self) -> str:
        """Name image, volume and network."""
        volume = self.volume or "of your own"
        return f"a container of {reference_of(self.image)} · volume {volume} · reached on {LOOPBACK} alone · costs nothing"

    def _alone(self, report: Report, patience_seconds: float = LOCK_PATIENCE_SECONDS) -> AbstractContextManager[None]:
        return alone(self.record.lock, self.environment, waiting_for(report), patience_seconds)

    @property
    def _ending(self) -> Ending:
        return Ending(self.environment, self.engine, known_owner_id(self.environment) or "")

    @property
    def _logbook(self) -> Logbook:
        return Logbook(self.containers)
