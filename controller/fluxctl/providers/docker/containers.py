"""Finds this owner's containers on the engine; nobody else's are ever returned, and nothing is changed."""

import json
from dataclasses import dataclass

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError
from fluxctl.link.remote_pod import RemotePod
from fluxctl.link.ssh_options import SshAddress
from fluxctl.pods.pod import Pod
from fluxctl.providers.base import PodStateLostError
from fluxctl.providers.docker import labels
from fluxctl.providers.docker.container import LOOPBACK
from fluxctl.providers.docker.engine import Engine
from fluxctl.providers.docker.found import Found, ours
from fluxctl.providers.docker.record import Record
from fluxctl.providers.docker.trouble import lost
from fluxctl.providers.pod_keys import PodFolder, PodKeys, public_half
from fluxpod.pod_contract import DEFAULT_PORT, ContractError


@dataclass(frozen=True)
class Containers:
    """The containers of one owner; `owner` is "" while there is none, who has none."""

    environment: Environment
    engine: Engine
    owner: str

    def names(self) -> list[str]:
        """Return the names of all of them, the newest first, also of those that have ended."""
        if not self.owner:
            return []
        filters = json.dumps({"label": [f"{labels.OWNER}={self.owner}"]})
        return ours(self.engine.look("/containers/json", {"all": "1", "filters": filters}), self.owner)

    def get(self, name: str) -> Found | None:
        """Return one of them, None if there is none of that name."""
        said = self.engine.look(f"/containers/{name}/json") if name else None
        found = Found(said) if said is not None else None
        return found if found is not None and found.is_of(self.owner) else None

    def alive(self) -> Found | None:
        """Return the newest that lives, None if none does; the one that was used last is asked first, which is quick."""
        last = self.get(Record(self.environment.paths.state).pod_id() or "")
        if last is not None and last.is_alive:
            return last
        return next((found for name in self.names() if (found := self.get(name)) is not None and found.is_alive), None)

    def ended(self) -> list[str]:
        """Return the names of those that have ended and are still there."""
        return [name for name in self.names() if (found := self.get(name)) is not None and not found.is_alive]

    def lives(self, name: str) -> bool:
        """Return whether one may still answer: False only when it is known to have ended."""
        try:
            found = self.get(name)
        except ProviderError:
            return True
        return found is not None and found.is_alive

    def require(self, name: str) -> Found:
        """Return one of them; raise WorkerUnreachableError when it is gone."""
        found = self.get(name)
        if found is None or not found.is_alive:
            raise lost(name)
        return found

    def keys(self, pod_id: str) -> PodKeys:
        """Return a pod's keys as they are kept; read back from its container where they were lost. Raise PodStateLostError."""
        folder = PodFolder(self.environment.paths.state, pod_id)
        keys = folder.read()
        if keys is not None:
            return keys
        try:
            contract = self.require(pod_id).contract()
        except ContractError as error:
            raise state_lost(pod_id, str(error)) from error
        host_key = public_half(contract.host_key)
        if not host_key:
            raise state_lost(pod_id, "its host key cannot be read")
        keys = PodKeys(contract.worker_token, host_key)
        folder.write(keys)
        return keys

    def remote(self, pod_id: str) -> RemotePod:
        """Return the way into a pod, which may have ended meanwhile; its port is asked of the engine at every connection."""
        keys, found = self.keys(pod_id), self.get(pod_id)
        if found is None:
            raise lost(pod_id)
        try:
            contract = found.contract()
        except ContractError as error:
            raise state_lost(pod_id, str(error)) from error
        return RemotePod(
            pod_id=pod_id,
            worker_token=keys.worker_token,
            worker_port=contract.port or DEFAULT_PORT,
            host_key=keys.host_key,
            address=lambda: SshAddress(LOOPBACK, self.require(pod_id).ssh_port()),
            is_alive=lambda: self.lives(pod_id),
        )


def pod_of(found: Found) -> Pod:
    """Return the pod of a container; raise PodStateLostError when what it was made with cannot be read."""
    try:
        return found.pod()
    except ContractError as error:
        raise state_lost(found.name, str(error)) from error


def state_lost(pod_id: str, why: str) -> PodStateLostError:
    """Given a container that cannot be described, return the error that says so."""
    return PodStateLostError(f"the container {pod_id} lives, but what it was made with cannot be read ({why})", hint="fluxctl down")
