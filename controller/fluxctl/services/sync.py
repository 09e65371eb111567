"""Brings this checkout's code into the live pod, and waits until the worker runs it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError, UsageError
from fluxctl.link.client import WorkerClient
from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.link.remote import copy_code, entrypoint_state, restart_worker
from fluxctl.link.remote_pod import RemotePod
from fluxctl.pods.progress import Progress, Stage
from fluxctl.services.shell import live_pod
from fluxctl.settings.load import Settings
from fluxpod import protocol
from fluxpod.pod_contract import CRASH_LOOP, FAILED
from fluxpod.protocol import Health, Phase, source_hash

PACKAGE = "fluxpod"
POLL_SECONDS = 0.25
LAST_LINES = 15
OLD_NEWS_SECONDS = 6.0
"""After a restart was asked for: so long the entrypoint may still speak of the worker before, which has up to 5 s to end."""
_LOGS = "fluxctl logs"


@dataclass(frozen=True)
class Synced:
    """What a sync did."""

    pod_id: str
    source_hash: str
    """Of the code that the worker runs now."""
    earlier: str
    """Of the code that it ran before; the same: nothing was done."""
    is_here: bool
    """The pod is this computer, where each new worker runs this code by itself."""


def sync(environment: Environment, settings: Settings, *, provider: str, force: bool, report: Callable[[Progress], None]) -> Synced:
    """Given a provider that was chosen, let the worker of its live pod run the code of this checkout.

    Raise UsageError outside a checkout, or when a job runs and `force` is not set; NotReadyError when the worker does not come back
    with the new code (its last words are in the message).
    """
    live = live_pod(environment, settings, provider)
    wanted = source_hash()
    if live.remote is None:
        return Synced(live.pod.id, wanted, wanted, is_here=True)
    folder = checkout_package(Path(protocol.__file__))
    client = live.provider.connect(live.pod)
    try:
        earlier = _earlier(client, force=force)
        if earlier != wanted:
            report(Progress(Stage.STARTING, 0.0, "the code is copied"))
            copy_code(environment, live.remote, settings.values.link, folder)
            restart_worker(environment, live.remote, settings.values.link)
            _Restart(environment, settings, live.remote, client, report).wait(wanted)
    finally:
        client.close()
    return Synced(live.pod.id, wanted, earlier, is_here=False)


def checkout_package(module: Path) -> Path:
    """Given a file two folders inside the package fluxpod, return the package's folder; raise UsageError when it is no checkout's."""
    package = module.resolve().parents[1]
    if package.name == PACKAGE and (package.parents[1] / "pyproject.toml").is_file() and package.parent.name == "pod_image":
        return package
    why = f"this fluxctl is installed ({package}), not run from a checkout: its code is the one that its image holds already"
    raise UsageError(why, hint="in a checkout: make demo, then .venv/bin/fluxctl sync", code="no_checkout")


def _earlier(client: WorkerClient, *, force: bool) -> str:
    """Return the hash of the code that runs, "" when the worker does not answer; raise UsageError when it is at work."""
    try:
        busy, running = client.idle().busy, client.health().source_hash
    except WorkerUnreachableError:
        return ""
    if busy and not force:
        why = "a job is running; restarting the worker would begin its unfinished picture again"
        raise UsageError(why, hint="wait until it is done (fluxctl jobs), or fluxctl sync --force", code="busy")
    return running


@dataclass
class _Restart:
    """One wait for the worker to come back with other code."""

    environment: Environment
    settings: Settings
    remote: RemotePod
    client: WorkerClient
    report: Callable[[Progress], None]

    def wait(self, wanted: str) -> None:
        """Return once the worker answers with that hash, and is on its way to being ready; raise NotReadyError when it never does."""
        began = self.environment.monotonic()
        while True:
            health = self._health()
            if health is not None and health.source_hash == wanted:
                if health.phase is Phase.FAILED:
                    raise NotReadyError(f"the worker could not start with the new code: {health.detail}", hint=_LOGS, code="load_failed")
                return
            waited = self.environment.monotonic() - began
            self._look_for_trouble(waited)
            self.report(Progress(Stage.BOOTING, waited, "the worker starts with the new code"))
            self.environment.sleep(POLL_SECONDS)

    def _health(self) -> Health | None:
        try:
            return self.client.health()
        except WorkerUnreachableError:
            return None

    def _look_for_trouble(self, waited_seconds: float) -> None:
        """Raise NotReadyError when the entrypoint says that the worker does not come, or it has taken too long."""
        state = entrypoint_state(self.environment, self.remote, self.settings.values.link)
        if waited_seconds > OLD_NEWS_SECONDS and state is not None and state.state in (CRASH_LOOP, FAILED):
            last = "".join(f"\n  {line}" for line in state.log[-LAST_LINES:])
            why = f"the worker does not start with the new code: {state.detail or state.state}. Its last words:{last}"
            raise NotReadyError(why, hint="mend the code and sync again", code="crash_loop")
        if waited_seconds > self.settings.values.link.ready_timeout_seconds:
            raise NotReadyError("the worker did not come back with the new code", hint=_LOGS, code="ready_timeout")
