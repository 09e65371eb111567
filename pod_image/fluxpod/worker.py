"""The worker process: `python -m fluxpod.worker` takes its lock, listens, serves the API, and runs the engine beside it."""

import logging
import os
import socket
import sys
import threading
from collections.abc import Sequence
from types import FrameType

import uvicorn

from fluxpod.activity import Activity
from fluxpod.api.app import create_app
from fluxpod.engine.load import ModelName, Models
from fluxpod.engine.thread import EngineThread
from fluxpod.jobs.intake import Intake
from fluxpod.jobs.keeper import Keeper
from fluxpod.jobs.open_jobs import OpenJobs
from fluxpod.jobs.store import JobStore
from fluxpod.jobs.work import Work
from fluxpod.listening import Place, SocketError, listen, listen_on_port
from fluxpod.pod_contract import ContractError, PodContract
from fluxpod.process_lock import AlreadyRunningError, process_lock
from fluxpod.standing import Standing
from fluxpod.whole_files import why_not_writable
from fluxpod.worker_exit import EXIT_ALREADY_RUNNING, EXIT_CONTRACT, EXIT_SOCKET, EXIT_VOLUME

_REPLY_GRACE_SECONDS = 1
_STEP_GRACE_SECONDS = 2.0
log = logging.getLogger("fluxpod.worker")


class Worker:
    """One worker's parts, put together from its contract."""

    def __init__(self, contract: PodContract) -> None:
        activity = Activity()
        standing = Standing(activity)
        jobs = OpenJobs(JobStore(contract.paths.jobs), contract.pod_id, activity)
        intake = Intake(jobs, contract.queue_limit)
        models = Models(contract.paths.cache, standing)
        self._contract = contract
        self.work = Work(jobs)
        self.app = create_app(intake, standing, contract.pod_id, contract.worker_token)
        first_model = ModelName(contract.model, contract.model_source)
        self.engine = EngineThread(self.work, models, standing, first_model, lambda: why_not_writable(contract.paths.jobs))
        self.keeper = Keeper(intake, contract.keep_results_seconds)

    def serve(self) -> None:
        """Answer until a signal ends it; raise SocketError. The running job is left resumable."""
        listener, place = _listen(self._contract)
        config = uvicorn.Config(self.app, log_config=None, access_log=False, timeout_graceful_shutdown=_REPLY_GRACE_SECONDS)
        server = _Server(config, self.work, (self.keeper, self.engine))
        log.info("process %d listens on %s", os.getpid(), self._contract.socket or f"port {self._contract.port}")
        try:
            server.run(sockets=[listener])
        finally:
            self.work.stop()
            self.keeper.end()
            if place:
                place.clear()
            if self.engine.is_alive():
                self.engine.join(_STEP_GRACE_SECONDS)


def _listen(contract: PodContract) -> tuple[socket.socket, Place | None]:
    if contract.socket is not None:
        return listen(contract.socket)
    if contract.port is not None:
        return listen_on_port(contract.port), None
    raise ContractError("neither a socket nor a port is given")


class _Server(uvicorn.Server):
    """Starts the other threads once it answers; tells the jobs at once of a signal, so that streams end and the step is the last."""

    def __init__(self, config: uvicorn.Config, work: Work, threads: Sequence[threading.Thread]) -> None:
        super().__init__(config)
        self._work = work
        self._threads = threads

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer first: importing torch takes seconds in which Python runs little else."""
        await super().startup(sockets)
        for thread in self._threads:
            thread.start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        self.should_exit = True
        # A signal handler may interrupt a holder of the jobs' lock: another thread waits for it.
        threading.Thread(target=self._work.stop, name="stop", daemon=True).start()


class VolumeError(Exception):
    """The volume does not take the worker's files; the text says why."""


def _worker(contract: PodContract) -> Worker:
    try:
        return Worker(contract)
    except OSError as error:
        raise VolumeError(f"nothing can be kept in {contract.paths.jobs}: {error.strerror or error}") from error


def main() -> int:
    """Run the worker of this process's environment; return its exit code."""
    os.umask(0o077)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        contract = PodContract.from_environment()
        with process_lock(contract.paths.worker_lock):
            _worker(contract).serve()
    except ContractError as error:
        log.error("%s", error)
        return EXIT_CONTRACT
    except AlreadyRunningError as error:
        log.error("another worker is running: %s", error)
        return EXIT_ALREADY_RUNNING
    except SocketError as error:
        log.error("%s", error)
        return EXIT_SOCKET
    except VolumeError as error:
        log.error("%s", error)
        return EXIT_VOLUME
    log.info("ended")
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # The engine's thread may be inside a long step or an import; the interpreter's own end would wait for it or crash.
    os._exit(code)
