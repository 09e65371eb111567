"""The watchdog process: `python -m fluxpod.watchdog_process` reads its contract, takes its lock and watches. Standard library only."""

import contextlib
import os
import sys
import time
from collections.abc import Generator
from typing import Any

from fluxpod import pod_contract as names
from fluxpod.process_lock import AlreadyRunningError, process_lock
from fluxpod.small_http import Answer, ask
from fluxpod.watchdog_clock import Deadline, boot_id, first_deadline, keep, kept_deadline, steady_seconds
from fluxpod.watchdog_contract import Watched, read_leniently
from fluxpod.watchdog_end import Ending, ProcessEnding
from fluxpod.watchdog_loop import Watchdog
from fluxpod.watchdog_state import StateFile

EXIT_ALREADY_RUNNING = 75
"""Another watchdog holds the lock."""
LONGEST_ANSWER_SECONDS = 5.0
_UNKNOWN_CREATION = -1.0


def log(text: str) -> None:
    """Write one line with the time (UTC) to stderr, which is the watchdog's log; a full disk is no reason to stop."""
    try:
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n")
        sys.stderr.flush()
    except OSError:
        return


def deadline_for(pod: Watched) -> Deadline:
    """Given a pod, return when its lifetime ends, and keep that for a restart."""
    steady, lifetime, file = steady_seconds(), pod.limits.lifetime_seconds, pod.paths.deadline
    created_at = _UNKNOWN_CREATION if pod.created_at is None else pod.created_at
    wall = _UNKNOWN_CREATION if pod.created_at is None else time.time()
    fresh = first_deadline(pod.pod_id, created_at, lifetime, wall=wall, steady=steady, boot=boot_id())
    deadline = kept_deadline(fresh, file, latest=steady + lifetime)
    try:
        keep(deadline, file)
    except OSError as error:
        log(f"the deadline cannot be kept for a restart: {error}")
    return deadline


def ending_of(pod: Watched) -> Ending:
    """Given a pod, return how it is ended."""
    if pod.end_action in (names.END_TERMINATE, names.END_STOP):
        # Only here: TLS and JSON over HTTP cost megabytes that a watchdog of processes does without.
        from fluxpod.runpod_api import RunPodApi
        from fluxpod.watchdog_runpod import RunPodEnding

        return RunPodEnding(RunPodApi.from_environment(os.environ), pod.end_action, time.sleep, log)
    if pod.end_action == names.END_CONTAINER:
        return ProcessEnding.opened("entrypoint", pod.paths.entrypoint_lock, time.monotonic, time.sleep, log)
    return ProcessEnding.opened("worker", pod.paths.worker_lock, time.monotonic, time.sleep, log)


def watch(pod: Watched) -> None:
    """Watch until the pod has ended."""
    deadline = deadline_for(pod)
    limits = pod.limits
    patience = min(LONGEST_ANSWER_SECONDS, limits.silence_timeout_seconds / 2)

    def ask_worker(method: str, route: str, body: Any) -> Answer | None:
        return ask(pod.address, pod.worker_token, method, route, body, patience) if pod.worker_token else None

    left = deadline.ends_at - steady_seconds()
    log(f"process {os.getpid()} watches pod {pod.pod_id}, whose lifetime ends in {left:.0f} s; its end: {pod.end_action}")
    log(f"it ends {limits.boot_grace_seconds:g} s after the last progress of loading, then {limits.idle_timeout_seconds:g} s unused")
    Watchdog(
        limits=limits,
        monotonic=time.monotonic,
        sleep=time.sleep,
        lifetime_left=lambda: deadline.ends_at - steady_seconds(),
        ask=ask_worker,
        ending=ending_of(pod),
        log=log,
        publish=StateFile(pod.paths.watchdog_state, time.time).publish,
    ).run()


@contextlib.contextmanager
def lock_if_possible(pod: Watched) -> Generator[None]:
    """Hold the watchdog's lock; a disk that takes no lock is no reason not to watch. Raise AlreadyRunningError."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(process_lock(pod.paths.watchdog_lock))
        except OSError as error:
            log(f"watching without a lock: {error}")
        yield


def main() -> int:
    """Run the watchdog of this process's environment; return its exit code."""
    os.umask(0o077)
    pod = read_leniently(os.environ)
    for problem in pod.problems:
        log(problem)
    try:
        with lock_if_possible(pod):
            watch(pod)
    except AlreadyRunningError as error:
        log(f"another watchdog is running: {error}")
        return EXIT_ALREADY_RUNNING
    return 0


if __name__ == "__main__":
    sys.exit(main())
