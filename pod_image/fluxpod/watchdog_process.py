"""The watchdog process: `python -m fluxpod.watchdog_process` reads its contract, takes its lock and watches. Standard library only."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from fluxpod.pod_contract import ContractError, PodContract
from fluxpod.process_lock import AlreadyRunningError, process_lock
from fluxpod.unix_http import Answer, ask
from fluxpod.watchdog_clock import Deadline, boot_id, first_deadline, keep, kept_deadline, steady_seconds
from fluxpod.watchdog_end import WorkerEnding
from fluxpod.watchdog_loop import Watchdog
from fluxpod.watchdog_state import StateFile

EXIT_CONTRACT = 64
"""A variable of the contract is missing or malformed."""
EXIT_ALREADY_RUNNING = 75
"""Another watchdog holds the lock."""
LONGEST_ANSWER_SECONDS = 5.0
END_BY_WORKER = "worker"


def log(text: str) -> None:
    """Write one line with the time (UTC) to stderr, which is the watchdog's log; a full disk is no reason to stop."""
    try:
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n")
        sys.stderr.flush()
    except OSError:
        return


def deadline_for(contract: PodContract, file: Path) -> Deadline:
    """Given a contract, return when the pod's lifetime ends, and keep it in `file` for a restart."""
    steady, lifetime = steady_seconds(), contract.limits.lifetime_seconds
    fresh = first_deadline(contract.pod_id, contract.created_at, lifetime, wall=time.time(), steady=steady, boot=boot_id())
    deadline = kept_deadline(fresh, file, latest=steady + lifetime)
    try:
        keep(deadline, file)
    except OSError as error:
        log(f"the deadline cannot be kept for a restart: {error}")
    return deadline


def watch(contract: PodContract) -> None:
    """Watch until the pod of this contract has ended."""
    deadline = deadline_for(contract, contract.paths.deadline)
    patience = min(LONGEST_ANSWER_SECONDS, contract.limits.silence_timeout_seconds / 2)

    def ask_worker(method: str, route: str, body: Any) -> Answer | None:
        return ask(contract.socket, contract.worker_token, method, route, body, patience)

    left = deadline.ends_at - steady_seconds()
    limits = contract.limits
    log(f"process {os.getpid()} watches pod {contract.pod_id}, whose lifetime ends in {left:.0f} s")
    log(f"it ends {limits.boot_grace_seconds:g} s after the last progress of loading, then {limits.idle_timeout_seconds:g} s unused")
    Watchdog(
        limits=contract.limits,
        monotonic=time.monotonic,
        sleep=time.sleep,
        lifetime_left=lambda: deadline.ends_at - steady_seconds(),
        ask=ask_worker,
        ending=WorkerEnding.opened(contract.paths.worker_lock, time.monotonic, time.sleep, log),
        log=log,
        publish=StateFile(contract.paths.watchdog_state, time.time).publish,
    ).run()


def main() -> int:
    """Run the watchdog of this process's environment; return its exit code."""
    os.umask(0o077)
    try:
        contract = PodContract.from_environment()
        if contract.end_action != END_BY_WORKER:
            raise ContractError(f"this watchdog knows no way to end a pod called {contract.end_action!r}")
        with process_lock(contract.paths.watchdog_lock):
            watch(contract)
    except ContractError as error:
        log(str(error))
        return EXIT_CONTRACT
    except AlreadyRunningError as error:
        log(f"another watchdog is running: {error}")
        return EXIT_ALREADY_RUNNING
    return 0


if __name__ == "__main__":
    sys.exit(main())
