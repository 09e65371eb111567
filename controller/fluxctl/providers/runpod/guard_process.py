"""The guard as a process of its own: `python -m fluxctl.providers.runpod.guard_process NAME`; it outlives the shell that started it."""

import fcntl
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.link.connection import Timeouts
from fluxctl.link.remote import connect
from fluxctl.pods.pod import Pod
from fluxctl.providers.local_process import process_environment, start_detached
from fluxctl.providers.process_lock import ProcessLock
from fluxctl.providers.runpod.guard import Guard
from fluxctl.providers.runpod.guarded_order import GuardedOrder
from fluxctl.providers.runpod.reaching import Reaching
from fluxctl.providers.runpod.tenant import Tenant
from fluxctl.settings.load import load_settings
from fluxpod.protocol import Phase

MODULE = "fluxctl.providers.runpod.guard_process"
LOCK_TRIES, LOCK_PAUSE_SECONDS = 5, 0.1
"""Whoever only looks whether a guard lives holds the lock for a moment, too."""
_KEY, _HOME = "RUNPOD_API_KEY", "FLUXCTL_HOME"


def start_guard(tenant: Tenant, name: str) -> None:
    """Start the guard of an order, or of the pod that came of it, unless one lives; `name` is in the ledger already.

    Its log lies under the state. The key goes by the environment, which nobody else can read.
    """
    environment = tenant.environment
    with suppress(FluxctlError, OSError):
        # Without a guard the pod's own watchdog and this process are left.
        folder = _folder(environment)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine = tenant.guards.get(name)
        if (mine is not None and mine.poll() is None) or ProcessLock(_lock_file(environment, name)).is_held():
            return
        variables = process_environment(environment.variables, environment.working_folder, _handed_on(tenant))
        tenant.guards[name] = start_detached(
            [sys.executable, "-P", "-m", MODULE, name], variables, folder / f"{name}.log", environment.now()
        )


def _handed_on(tenant: Tenant) -> dict[str, str]:
    """Return what the guard, which runs in another folder, would not find by itself."""
    environment, secret, values = tenant.environment, tenant.settings.secrets.runpod_api_key, tenant.settings.values
    extra = {"FLUXCTL_RUNPOD__TRANSPORT": values.runpod.transport, "FLUXCTL_POD__END": values.pod.end}
    if secret is not None:
        extra[_KEY] = secret.reveal()
    if environment.variables.get(_HOME):
        extra[_HOME] = str(environment.paths.state.parent)
    if values.link.ssh_key is not None and not values.link.ssh_key.startswith("~"):
        extra["FLUXCTL_LINK__SSH_KEY"] = str(environment.working_folder / values.link.ssh_key)
    return extra


def main(name: str) -> int:
    """Guard what comes of one order of this user's ledger."""
    environment = Environment()
    tenant = Tenant(environment, load_settings(environment))
    if not _is_first(environment, name):
        _say(f"another guard watches {name}")
        return 0
    pod = GuardedOrder(tenant, name, _say).pod()
    if pod is None:
        return 0
    reaching = Reaching(tenant)

    def ask(found: Pod) -> tuple[bool, object]:
        values = tenant.settings.values
        timeouts = Timeouts(values.link.connect_timeout_seconds, values.link.request_timeout_seconds)
        client = connect(environment, reaching.remote(found), values.link, timeouts)
        try:
            health = client.health()
            return health.phase in (Phase.READY, Phase.DRAINING), (health.phase, health.detail, health.bytes_done)
        finally:
            client.close()

    Guard(tenant, pod, ask, _say).run()
    return 0


def _folder(environment: Environment) -> Path:
    return environment.paths.state / "guards"


def _lock_file(environment: Environment, name: str) -> Path:
    return _folder(environment) / f"{name}.lock"


def _is_first(environment: Environment, name: str) -> bool:
    """Take the lock of this guard, for as long as this process lives; return whether it was free."""
    descriptor = os.open(_lock_file(environment, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(LOCK_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        environment.sleep(LOCK_PAUSE_SECONDS)
    os.close(descriptor)
    return False


def _say(text: str) -> None:
    """Write one line of the log."""
    line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}\n"
    os.write(1, line.encode("utf-8", "replace"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
