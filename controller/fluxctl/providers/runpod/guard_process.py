"""The guard as a process of its own: `python -m fluxctl.providers.runpod.guard_process POD_ID`; it outlives the shell that started it."""

import fcntl
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.ledger import RentedPod
from fluxctl.link.connection import Timeouts
from fluxctl.link.remote import connect
from fluxctl.pods.pod import Pod
from fluxctl.providers.local_process import process_environment, start_detached
from fluxctl.providers.runpod.guard import Guard
from fluxctl.providers.runpod.reaching import Reaching
from fluxctl.providers.runpod.tenant import Tenant
from fluxctl.settings.load import load_settings
from fluxpod.protocol import Phase

MODULE = "fluxctl.providers.runpod.guard_process"
_KEY = "RUNPOD_API_KEY"


def start_guard(tenant: Tenant, pod: RentedPod) -> None:
    """Start a pod's guard; its log lies under the state. The key goes by the environment, which nobody else can read."""
    environment = tenant.environment
    folder = environment.paths.state / "guards"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret, values = tenant.settings.secrets.runpod_api_key, tenant.settings.values
    extra = {"FLUXCTL_RUNPOD__TRANSPORT": values.runpod.transport}
    if secret is not None:
        extra[_KEY] = secret.reveal()
    if values.link.ssh_key is not None and not values.link.ssh_key.startswith("~"):
        extra["FLUXCTL_LINK__SSH_KEY"] = str(environment.working_folder / values.link.ssh_key)
    variables = process_environment(environment.variables, environment.working_folder, extra)
    command = [sys.executable, "-P", "-m", MODULE, pod.id]
    with suppress(FluxctlError):
        # Without a guard the pod's own watchdog and this process are left.
        start_detached(command, variables, folder / f"{pod.id}.log", environment.now())


def main(pod_id: str) -> int:
    """Guard one pod of this user's ledger."""
    environment = Environment()
    tenant = Tenant(environment, load_settings(environment))
    with tenant.book() as book:
        pod = book.pod(pod_id)
    if pod is None:
        _say(f"the ledger does not know {pod_id}")
        return 1
    if not _is_first(environment, pod_id):
        _say(f"another guard watches {pod_id}")
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


def _is_first(environment: Environment, pod_id: str) -> bool:
    """Take the lock of the pod's guard, for as long as this process lives; return whether it was free."""
    descriptor = os.open(environment.paths.state / "guards" / f"{pod_id}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True


def _say(text: str) -> None:
    """Write one line of the log."""
    line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}\n"
    os.write(1, line.encode("utf-8", "replace"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
