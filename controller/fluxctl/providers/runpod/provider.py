"""The RunPod provider: one rented pod of this user, found, made, reached and ended."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fluxctl.environment import Environment
from fluxctl.ledger import PodState, RentedPod
from fluxctl.link.client import WorkerClient
from fluxctl.link.remote import RemotePod
from fluxctl.pods.pod import LogTail, Pod, PodPlan, WatchReport
from fluxctl.pods.quote import Quote
from fluxctl.pods.starting import StartLimits
from fluxctl.providers.base import Creation, Log, Report, unheard
from fluxctl.providers.runpod.api import RunpodApi
from fluxctl.providers.runpod.creating import Creating
from fluxctl.providers.runpod.described import has_address
from fluxctl.providers.runpod.ending import Ending
from fluxctl.providers.runpod.finding import Finding
from fluxctl.providers.runpod.fitness import source_hash_of
from fluxctl.providers.runpod.guard_process import start_guard as usual_guard
from fluxctl.providers.runpod.handing_over import knows_hub_token
from fluxctl.providers.runpod.inside import Inside
from fluxctl.providers.runpod.naming import NAME
from fluxctl.providers.runpod.ordering import StartGuard
from fluxctl.providers.runpod.reaching import Reaching
from fluxctl.providers.runpod.resuming import Resuming
from fluxctl.providers.runpod.settling import Settling
from fluxctl.providers.runpod.tenant import Tenant
from fluxctl.settings.load import Settings
from fluxpod.pod_contract import EntrypointState


@dataclass
class RunpodProvider:
    """This user's pods at RunPod; every method is described in `base.Provider`."""

    environment: Environment
    settings: Settings
    start_guard: StartGuard = usual_guard
    """Another one only in tests."""
    start_limits: StartLimits = field(default_factory=StartLimits)

    def __post_init__(self) -> None:
        """Prepare to ask; nothing is asked yet."""
        self.tenant = Tenant(self.environment, self.settings)
        self._resuming = Resuming(self.tenant)
        self._reaching = Reaching(self.tenant)
        self._inside = Inside(self.tenant, self._reaching)

    @property
    def name(self) -> str:
        """Return `runpod`."""
        return NAME

    @property
    def api(self) -> RunpodApi:
        """Return the way to RunPod; raise SettingsError without a key."""
        return self.tenant.api

    def find(self) -> Pod | None:
        """Ask RunPod for the ledger's live pod; where the ledger has none, for all of the account."""
        pod = self._resuming.find()
        if pod is not None:
            self._reaching.believe_alive(pod.id)
        return pod

    def quote(self, plan: PodPlan) -> Quote:
        """Do everything that `create` does before it orders; a pod that was stopped is started again instead."""
        return self._resuming.quote(plan)

    def create(self, plan: PodPlan, report: Report) -> Creation:
        """Order offer after offer until a machine comes up; see `Creating`."""
        return self._creating(report).create(plan)

    def arrive(self, pod: Pod, report: Report) -> Pod | None:
        """Wait for its address; a pod that has one is there."""
        return pod if has_address(pod.rental) else self._creating(report).arrive(self._entry(pod))

    def guard(self, pod: Pod) -> bool:
        """Start a guard where the pod is this computer's own and was never ready."""
        entry = self._entry(pod)
        if entry.adopted or self.tenant.attendance(pod.id).was_ready:
            return False
        self._creating(unheard).guard(entry)
        return True

    def note_ready(self, pod: Pod) -> None:
        """Leave a file beside its keys."""
        self.tenant.attendance(pod.id).note_ready()

    def give_up(self, pod: Pod, report: Report = unheard) -> bool:
        """Terminate it; one that was stopped before is kept, with what lies on its disk."""
        entry = self._entry(pod)
        if entry.adopted or entry.was_resumed:
            return False
        Ending(self.tenant).end(entry, report)
        return True

    def settle(self, report: Report = unheard) -> tuple[str, ...]:
        """Settle what an earlier call or a crash left open; return what is worth telling. Without anything open nobody is asked."""
        settling = Settling(self.tenant)
        if not settling.anything:
            return ()
        with self._creating(report).alone():
            return settling.settle(report)

    def watch(self, pod: Pod) -> None:
        """Leave it to the pod's entrypoint, which starts the watchdog before anything else and keeps it alive."""

    def connect(self, pod: Pod) -> WorkerClient:
        """Prepare a client over SSH."""
        return self._reaching.connect(pod)

    def remote(self, pod: Pod) -> RemotePod:
        """Return the way in; ip and port are asked of RunPod before every new connection."""
        return self._reaching.remote(pod)

    def is_alive(self, pod: Pod) -> bool:
        """Ask RunPod; an answer is believed for some seconds."""
        return self._reaching.lives(pod.id)

    def end(self, pod: Pod, report: Report = unheard) -> None:
        """Terminate it, and look until RunPod says that it is gone; stop it where `pod.end` says so."""
        entry = self._entry(pod)
        if self.settings.values.pod.end == "stop" and not entry.adopted:
            self._resuming.note(entry, stopped=Ending(self.tenant).stop(entry, report))
        else:
            Ending(self.tenant).end(entry, report)

    def end_rental(self, pod_id: str, report: Report = unheard) -> None:
        """End any pod of this user's for good, another computer's too; raise ProviderError for one that bears another tag or none."""
        Ending(self.tenant).end(Finding(self.tenant).entry(pod_id), report)

    def end_everything(self, report: Report = unheard) -> bool:
        """End what this ledger knows; pods that another computer rented, and those kept stopped, are left alone."""
        notes = self.settle(report)
        for pod in (mine := [pod for pod in self.tenant.open_pods() if not pod.adopted and pod.state is not PodState.STOPPED]):
            Ending(self.tenant).end(pod, report)
        return bool(mine or notes)

    def stopped(self) -> str | None:
        """Name it, with what its disk costs."""
        return self._resuming.words()

    def tidy(self) -> bool:
        """Remove nothing: what ends here is gone."""
        return False

    def knows_hub_token(self, pod: Pod, token: str) -> bool:
        """Look into the environment that it was created with; a secret that RunPod keeps is taken for the right one."""
        return knows_hub_token(pod.rental, token, is_kept_there=self.settings.values.runpod.hf_token_secret is not None)

    def left_jobs(self) -> frozenset[str]:
        """Return none: without a pod nobody can look onto the volume, and with one its worker is asked."""
        return frozenset()

    def worker_log(self, pod: Pod, lines: int) -> LogTail:
        """Read the end of the log inside the pod; where that cannot be reached, of what RunPod keeps."""
        return self._inside.tail(pod, Log.WORKER, lines)

    def watch_report(self, pod: Pod) -> WatchReport:
        """Read inside the pod what the watchdog writes."""
        return self._inside.watch_report(pod)

    def entrypoint_state(self, pod: Pod) -> EntrypointState | None:
        """Ask over SSH."""
        return self._inside.entrypoint_state(pod)

    def read_log(self, which: Log, lines: int) -> LogTail:
        """Read the log of the pod that lives."""
        return self._inside.tail(pod, which, lines) if (pod := self.find()) is not None else LogTail((), "")

    def follow_log(self, which: Log, lines: int) -> Iterator[str]:
        """Follow the log of the pod that lives."""
        return self._inside.follow(pod, which, lines) if (pod := self.find()) is not None else iter(())

    def offers_gpu(self) -> bool:
        """Return True: that is what is rented."""
        return True

    def source_hash(self) -> str:
        """Return what the image's label in its registry says."""
        return source_hash_of(self.tenant)

    @property
    def volume(self) -> str:
        """Return the network volume's id."""
        return self.settings.values.runpod.volume_id or ""

    def place(self) -> str:
        """Name image and volume."""
        volume = f"network volume {self.volume}" if self.volume else "no network volume"
        return f"a rented machine with {self.settings.values.pod.image or 'no image yet (pod.image)'} · {volume} · reached over SSH"

    def _creating(self, report: Report) -> Creating:
        return Creating(self.tenant, report, self.start_guard, self.start_limits)

    def _entry(self, pod: Pod) -> RentedPod:
        return Finding(self.tenant).entry_of_found(pod)
