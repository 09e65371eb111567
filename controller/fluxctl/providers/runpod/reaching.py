"""The way into a rented pod: keys as they are kept or read back, and its address, asked afresh before each new connection."""

from dataclasses import dataclass, field

from fluxctl.errors import FluxctlError
from fluxctl.link.client import WorkerClient
from fluxctl.link.connection import Timeouts
from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.link.remote import connect
from fluxctl.link.remote_pod import RemotePod
from fluxctl.link.ssh_options import SshAddress
from fluxctl.pods.pod import Pod
from fluxctl.pods.rental import Rental
from fluxctl.providers.pod_keys import PodFolder, PodKeys
from fluxctl.providers.runpod.described import contract_of, is_alive, keys_of, state_lost
from fluxctl.providers.runpod.tenant import Tenant
from fluxpod.pod_contract import DEFAULT_PORT, ContractError

SECONDS_BETWEEN_QUESTIONS = 3.0
"""Whoever waits for sshd tries several times a second, and RunPod answers so many calls a minute."""
ALIVE_SECONDS = 10.0
"""For which an answer that a pod lives is believed."""


@dataclass
class Reaching:
    """Reaches the pods of one user."""

    tenant: Tenant
    _asked_at: float = field(default=float("-inf"), init=False)
    _seen_alive_at: dict[str, float] = field(default_factory=dict[str, float], init=False)

    def connect(self, pod: Pod) -> WorkerClient:
        """Prepare a client over SSH."""
        values = self.tenant.settings.values
        link, silence_seconds = values.link, values.pod.silence_timeout_seconds
        timeouts = Timeouts(link.connect_timeout_seconds, link.request_timeout_seconds, silence_seconds)
        return connect(self.tenant.environment, self.remote(pod), link, timeouts)

    def remote(self, pod: Pod) -> RemotePod:
        """Return the way in; raise PodStateLostError when what is needed was lost, here and there."""
        rental = pod.rental or self._require(pod.id)
        try:
            contract = contract_of(rental)
        except ContractError as error:
            raise state_lost(pod.id, str(error)) from error
        keys = self._keys(rental)
        paths = contract.paths
        return RemotePod(
            pod_id=pod.id,
            worker_token=keys.worker_token,
            worker_port=contract.port or DEFAULT_PORT,
            host_key=keys.host_key,
            address=lambda: self.address(pod.id),
            is_alive=lambda: self.lives(pod.id),
            entrypoint_socket=str(paths.entrypoint_socket),
            synced_code=str(paths.synced_code),
            volume=str(paths.volume),
        )

    def address(self, pod_id: str) -> SshAddress:
        """Ask where its sshd is by now; raise WorkerUnreachableError while there is no address."""
        environment = self.tenant.environment
        wait = self._asked_at + SECONDS_BETWEEN_QUESTIONS - environment.monotonic()
        if wait > 0:
            environment.sleep(wait)
        self._asked_at = environment.monotonic()
        rental = self._require(pod_id)
        if rental.ssh_host is None or rental.ssh_port is None:
            why = f"the pod {pod_id} has no address yet: its container is not there, or has just been started again"
            raise WorkerUnreachableError(why, hint="fluxctl status", code="no_address")
        return SshAddress(rental.ssh_host, rental.ssh_port)

    def lives(self, pod_id: str) -> bool:
        """Return whether it may still answer: False only when RunPod itself says that it has ended."""
        now = self.tenant.environment.monotonic()
        if now - self._seen_alive_at.get(pod_id, float("-inf")) < ALIVE_SECONDS:
            return True
        try:
            alive = is_alive(self.tenant.api.rental(pod_id))
        except FluxctlError:
            return True
        if alive:
            self.believe_alive(pod_id)
        return alive

    def believe_alive(self, pod_id: str) -> None:
        """Note that RunPod has just described a pod as living."""
        self._seen_alive_at[pod_id] = self.tenant.environment.monotonic()

    def _require(self, pod_id: str) -> Rental:
        try:
            rental = self.tenant.api.rental(pod_id)
        except FluxctlError as error:
            why = f"where the pod {pod_id} is by now cannot be known: {error.message}"
            raise WorkerUnreachableError(why, hint=error.hint or "fluxctl status", code=error.code) from error
        if rental is None or not is_alive(rental):
            raise WorkerUnreachableError(f"the pod {pod_id} has ended", hint="fluxctl up", code="worker_died")
        self.believe_alive(pod_id)
        return rental

    def _keys(self, rental: Rental) -> PodKeys:
        """Return a pod's keys as they are kept; where they were lost, as they stand in its own environment."""
        folder = PodFolder(self.tenant.environment.paths.state, rental.id)
        keys = folder.read()
        if keys is None:
            keys = keys_of(rental)
            folder.write(keys)
        return keys
