"""The local provider: worker and watchdog as two detached processes on this computer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.link.client import WorkerClient
from fluxctl.link.connection import Timeouts
from fluxctl.link.socket_folder import socket_path
from fluxctl.pods.pod import LogTail, Pod, PodPlan, WatchReport
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.at_home import AtHome
from fluxctl.providers.base import Creation, Log, PodStateLostError, Report, unheard, waiting_for
from fluxctl.providers.file_trouble import told
from fluxctl.providers.followed_file import followed_file
from fluxctl.providers.local_folder import LocalFolder
from fluxctl.providers.local_process import tail
from fluxctl.providers.local_processes import Commands, LocalProcesses
from fluxctl.providers.watch_state import read_watch_report
from fluxpod.pod_contract import ContractError, PodContract
from fluxpod.protocol import source_hash

END_ACTION = "worker"


@dataclass
class LocalProvider(AtHome):
    """This user's one local pod; every method is described in `base.Provider`. `commands` are other ones only in tests."""

    environment: Environment
    timeouts: Timeouts = field(default_factory=Timeouts)
    commands: Commands = field(default_factory=Commands)

    def __post_init__(self) -> None:
        """Find the pod's folder; nothing is made yet."""
        self.folder = LocalFolder(self.environment.paths.state)
        self.processes = LocalProcesses(self.environment, self.folder.paths, self.commands)

    @property
    def name(self) -> str:
        """Return `local`."""
        return "local"

    def find(self) -> Pod | None:
        """Look at the worker's lock, and read the contract."""
        return self._pod(self._contract()) if self.processes.worker.is_held() else None

    def create(self, plan: PodPlan, report: Report) -> Creation:
        """Start both processes, unless somebody else just did."""
        self.folder.prepare()
        with self.processes.alone(waiting_for(report)):
            live = self.find()
            if live is not None:
                return Creation(live, started=False)
            self.processes.require_worker_extra()
            report(Progress(Stage.STARTING, 0.0))
            contract = self._new_contract(plan)
            self.folder.mark_hub_token(plan.hub_token)
            self.processes.start(contract, plan.hub_token)
            return Creation(self._pod(contract), started=True)

    def watch(self, pod: Pod) -> None:
        """Start a watchdog beside a worker that has none."""
        if self.processes.watchdog.is_held():
            return
        with self.processes.alone(waiting_for(unheard)):
            if self.processes.worker.is_held() and not self.processes.watchdog.is_held():
                self.processes.start_watchdog(self._contract())

    def connect(self, pod: Pod) -> WorkerClient:
        """Prepare a client for the socket in the contract."""
        contract = self._contract()
        return WorkerClient(
            self._socket(contract),
            contract.worker_token,
            timeouts=self.timeouts,
            is_alive=self.processes.worker.is_held,
            monotonic=self.environment.monotonic,
            sleep=self.environment.sleep,
        )

    def is_alive(self, pod: Pod) -> bool:
        """Look at the worker's lock."""
        return self.processes.worker.is_held()

    def end(self, pod: Pod, report: Report = unheard) -> None:
        """End both processes."""
        self.end_everything(report)

    def end_everything(self, report: Report = unheard) -> bool:
        """End both processes, whatever they were started with; one that is being started just now is waited for."""
        if not self.folder.is_made():
            return False
        with self.processes.alone(waiting_for(report)):
            lived = self.processes.worker.is_held() or self.processes.watchdog.is_held()
            self.processes.end()
        return lived

    def knows_hub_token(self, pod: Pod, token: str) -> bool:
        """Compare with the mark that was left at the start."""
        return self.folder.hub_token_is(token)

    def left_jobs(self) -> frozenset[str]:
        """Look at the names of the worker's files."""
        return self.folder.left_jobs()

    def worker_log(self, pod: Pod, lines: int) -> LogTail:
        """Read the end of the log file."""
        return tail(self.folder.paths.worker_log, lines)

    def watch_report(self, pod: Pod) -> WatchReport:
        """Read the file that the watchdog writes."""
        return read_watch_report(self.folder.paths, self.processes.watchdog.is_held())

    @staticmethod
    def _socket(contract: PodContract) -> Path:
        """Return where a local worker listens; raise ContractError for a contract of another kind of pod."""
        if contract.socket is None:
            raise ContractError("it names no socket")
        return contract.socket

    def remote(self, pod: Pod) -> None:
        """Return nothing: it lives on this computer."""

    def entrypoint_state(self, pod: Pod) -> None:
        """Return nothing: worker and watchdog stand alone here."""

    def read_log(self, which: Log, lines: int) -> LogTail:
        """Read the end of the log file, which outlives its process."""
        return tail(self._log_file(which), lines)

    def follow_log(self, which: Log, lines: int) -> Iterator[str]:
        """Follow the log file as long as its process lives."""
        process = self.processes.worker if which is Log.WORKER else self.processes.watchdog
        return followed_file(self._log_file(which), lines, lives=process.is_held, sleep=self.environment.sleep)

    def offers_gpu(self) -> bool:
        """Return False: whatever this computer has, nothing was got for pictures."""
        return False

    def source_hash(self) -> str:
        """Return that of the code beside this one."""
        return source_hash()

    @property
    def volume(self) -> str:
        """Return nothing: the pod's folder is on this computer."""
        return ""

    def place(self) -> str:
        """Say what is started."""
        return "worker and watchdog on this computer · costs nothing"

    def stopped(self) -> None:
        """Return None: pods here end for good."""

    def tidy(self) -> bool:
        """Return False: nothing is kept."""
        return False

    def _log_file(self, which: Log) -> Path:
        return self.folder.paths.worker_log if which is Log.WORKER else self.folder.paths.watchdog_log

    def _contract(self) -> PodContract:
        try:
            contract = self.folder.read_contract()
            self._socket(contract)
            return contract
        except ContractError as error:
            why = f"a local worker runs, but what it was started with cannot be read ({error})"
            raise PodStateLostError(why, hint="fluxctl down") from error

    def _pod(self, contract: PodContract) -> Pod:
        return Pod(contract.pod_id, self.name, contract.created_at, contract.model, contract.model_source, contract.limits)

    def _new_contract(self, plan: PodPlan) -> PodContract:
        socket = socket_path(self.environment.variables, self.folder.pod_id)
        contract = PodContract(
            pod_id=self.folder.pod_id,
            worker_token=self.folder.token(),
            created_at=self.environment.now(),
            model=plan.model,
            model_source=plan.source,
            end_action=END_ACTION,
            root=self.folder.root,
            socket=socket,
            limits=plan.limits,
            queue_limit=plan.queue_limit,
            keep_results_seconds=plan.keep_results_seconds,
        )
        self.folder.write_contract(contract)
        with told(socket, "removed"):
            socket.unlink(missing_ok=True)
        return contract
