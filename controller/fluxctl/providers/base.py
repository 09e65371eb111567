"""What every provider of pods does, as a Protocol; each method's docstring is its contract."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fluxctl.errors import NoCapacityError, NotReadyError
from fluxctl.link.client import WorkerClient
from fluxctl.link.remote_pod import RemotePod
from fluxctl.pods.pod import LogTail, Pod, PodPlan, WatchReport
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.quote import Quote
from fluxpod.pod_contract import EntrypointState

Report = Callable[[Progress], None]


def unheard(_progress: Progress) -> None:
    """Drop a report that nobody waits for."""


def waiting_for(report: Report) -> Callable[[float], None]:
    """Return what reports the seconds for which another fluxctl keeps this one waiting."""
    return lambda seconds: report(Progress(Stage.WAITING, seconds, "another fluxctl starts or ends the worker"))


class Log(StrEnum):
    """What a pod writes down."""

    WORKER = "worker"
    WATCHDOG = "watchdog"
    SYSTEM = "system"
    """What the market's own machinery writes of a rented pod: pulling the image, making the container."""


class PodStateLostError(NotReadyError):
    """Something lives there, but what is needed to reach it has been lost."""

    default_code = "pod_state_lost"


class StoppedPodLostError(NoCapacityError):
    """A stopped pod whose GPU was rented to somebody else; only `RentWish.replace_stopped` gives up what is on its disk."""

    default_code = "stopped_pod_lost"


@dataclass(frozen=True)
class Creation:
    """A live pod, and whether this call made it."""

    pod: Pod
    started: bool


class Provider(Protocol):
    """Where pods come from. Methods raise ProviderError when the provider refuses; a failed call never reads as "no pod"."""

    @property
    def name(self) -> str:
        """Return the name that is typed after --provider."""
        ...

    def find(self) -> Pod | None:
        """Return this user's live pod, None if there is none; quick (at most 20 ms here), and nothing is changed.

        Raise PodStateLostError when something lives that cannot be described: `end_everything` ends it.
        """
        ...

    def quote(self, plan: PodPlan) -> Quote | None:
        """Return what a new pod of this plan would cost; None where it costs nothing. Nothing is rented.

        Raise NoCapacityError, with each type's reason, when nothing fits; SettingsError or ProviderError for what would make `create`
        fail as well: no key, no image, a volume that is gone, a balance below an hour's price.
        """
        ...

    def create(self, plan: PodPlan, report: Report) -> Creation:
        """Return the live pod, else a new one whose watchdog lives and whose worker was started, though not ready.

        Of two calls at once, one creates and the other returns the same pod. Raise NotReadyError, with nothing left, when it ends at once.
        """
        ...

    def arrive(self, pod: Pod, report: Report) -> Pod | None:
        """Return a pod that `find` found once it can be connected to, which somebody else may still be waiting for.

        None: it was found to be bad on its way, and is ended.
        """
        ...

    def guard(self, pod: Pod) -> bool:
        """Make sure that a pod whose worker is not ready yet is ended when it never gets ready, also when this process is gone.

        Return whether that was needed: False for a pod that was ready before, that another computer rented, or that costs nothing.
        """
        ...

    def note_ready(self, pod: Pod) -> None:
        """Note that its worker was seen ready: from now on the pod's own watchdog is enough."""
        ...

    def give_up(self, pod: Pod, report: Report = unheard) -> bool:
        """End a pod for good that did not get ready, so that another can be tried, and return True; False: it has to be kept."""
        ...

    def watch(self, pod: Pod) -> None:
        """Make sure that the pod's watchdog lives, with the deadlines that the pod was created with."""
        ...

    def connect(self, pod: Pod) -> WorkerClient:
        """Return a client for the pod's worker, which may not answer yet."""
        ...

    def is_alive(self, pod: Pod) -> bool:
        """Return whether the pod's worker may still answer: False only when it is known to have ended."""
        ...

    def end(self, pod: Pod, report: Report = unheard) -> None:
        """End the pod and its watchdog, and return when both are known to be gone; raise NotConfirmedError when that cannot be told.

        A pod that has gone already is no error. Nothing on its volume is lost.
        """
        ...

    def end_everything(self, report: Report = unheard) -> bool:
        """Do the same for whatever of this user's lives here, described or not; return whether anything did."""
        ...

    def knows_hub_token(self, pod: Pod, token: str) -> bool:
        """Return whether the pod's worker was started with this token for downloads."""
        ...

    def left_jobs(self) -> frozenset[str]:
        """Return the ids of jobs on the volume that nobody has brought home, as far as that is known without a worker."""
        ...

    def worker_log(self, pod: Pod, lines: int) -> LogTail:
        """Return the last `lines` lines of the worker's log; none when there is no log."""
        ...

    def watch_report(self, pod: Pod) -> WatchReport:
        """Return what the watchdog last said; asking changes nothing."""
        ...

    def remote(self, pod: Pod) -> RemotePod | None:
        """Return how the pod is reached over SSH; None where there is no way and no need, because it lives on this computer itself."""
        ...

    def entrypoint_state(self, pod: Pod) -> EntrypointState | None:
        """Return what the pod's entrypoint says of its worker; None where there is none, or none that answers."""
        ...

    def read_log(self, which: Log, lines: int) -> LogTail:
        """Return the last `lines` lines of a log of what lives here, or lived here last; none when there is no log."""
        ...

    def follow_log(self, which: Log, lines: int) -> Iterator[str]:
        """Yield the last `lines` lines of a log, then each new one, until nothing lives here that could write one."""
        ...

    def offers_gpu(self) -> bool:
        """Return whether a pod here has, or would have, a GPU that was got for it: the default model goes by that."""
        ...

    def source_hash(self) -> str:
        """Return the hash of the code that a pod created now would run, "" where that cannot be known."""
        ...

    @property
    def volume(self) -> str:
        """Return the name of the volume that outlives the pods here; "" where it is a folder on this computer, or has no name yet."""
        ...

    def place(self) -> str:
        """Return half a sentence for the plan: what a new pod is made of here."""
        ...

    def stopped(self) -> str | None:
        """Return half a sentence about a pod that the last `find` saw stopped, or `end` has stopped; None: there is none."""
        ...

    def tidy(self) -> bool:
        """Remove what has ended by itself and was kept for its last words; return whether there was any. What lives is left alone.

        It is no reason to wait: while another fluxctl starts or ends a pod, nothing is removed.
        """
        ...
