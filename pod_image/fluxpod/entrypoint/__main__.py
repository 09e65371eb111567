"""`python -m fluxpod.entrypoint`: takes the entrypoint's lock and supervises the pod until a signal ends it."""

import os
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from fluxpod import pod_contract as names
from fluxpod.entrypoint.child_log import say
from fluxpod.entrypoint.supervisor import Supervisor
from fluxpod.pod_contract import PodPaths
from fluxpod.process_lock import AlreadyRunningError, process_lock
from fluxpod.watchdog_end import ProcessEnding

EXIT_NO_LOCK = 73
"""Nothing can be written where the entrypoint keeps its lock."""
EXIT_ALREADY_RUNNING = 75
"""Another entrypoint holds the lock."""


def main() -> int:
    """Run the entrypoint of this process's environment; return its exit code."""
    os.umask(0o077)
    paths = PodPaths(Path(os.environ.get(names.ROOT, "") or "/"))
    supervisor = Supervisor(dict(os.environ), paths)
    supervisor.catch_signals()
    with ExitStack() as held:
        try:
            held.enter_context(process_lock(paths.entrypoint_lock))
        except AlreadyRunningError as error:
            say(f"fluxpod: another entrypoint is running: {error}".encode())
            return EXIT_ALREADY_RUNNING
        except OSError as error:
            say(f"fluxpod: there is no place for locks: {error}".encode())
            # Without its lock the watchdog could not end this process; RunPod, which starts it again for ever, it can ask all the same.
            if os.environ.get(names.END_ACTION) not in (names.END_TERMINATE, names.END_STOP):
                return EXIT_NO_LOCK
        else:
            end_strays(paths)
        return supervisor.run()


def end_strays(paths: PodPaths) -> None:
    """End what an entrypoint that was killed left behind: it would keep lock and port from the new ones."""
    for what, lock in (("watchdog", paths.watchdog_lock), ("worker", paths.worker_lock)):
        with suppress(OSError):  # the watchdog comes next, whatever happens here
            stray = ProcessEnding.opened(what, lock, time.monotonic, time.sleep, lambda text: say(f"fluxpod: {text}".encode()))
            if stray.present():
                stray.end()
            os.close(stray.descriptor)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Threads that follow a child's words or ask RunPod are not waited for.
    os._exit(code)
