"""Understands what the engine says of a container: whether it is ours, whether it lives, and what pod it is (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from fluxctl.errors import NotReadyError
from fluxctl.pods.pod import Pod
from fluxctl.providers.docker import labels
from fluxctl.providers.docker.container import HOST, HUB_TOKEN, LOOPBACK, SSH_IN_CONTAINER
from fluxpod.pod_contract import ContractError, PodContract

NAME = "docker"
_ALIVE = ("running", "paused", "restarting")


def at(said: object, *names: str) -> Any:
    """Return what stands under these names in the engine's JSON, one in the other; None where one of them is missing or null."""
    for name in names:
        if not isinstance(said, Mapping):
            return None
        said = cast("Mapping[str, Any]", said).get(name)
    return said


def listed(said: object) -> list[Any]:
    """Return a list of the engine's JSON; an empty one for anything else."""
    return cast("list[Any]", said) if isinstance(said, list) else []


@dataclass(frozen=True)
class Found:
    """One container, by what `GET /containers/{id}/json` says of it."""

    attributes: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return its name, which is the pod's id."""
        return str(at(self.attributes, "Name") or "").removeprefix("/")

    @property
    def labels(self) -> Mapping[str, str]:
        """Return its labels."""
        return dict(at(self.attributes, "Config", "Labels") or {})

    @property
    def variables(self) -> dict[str, str]:
        """Return its environment, secrets included."""
        lines = listed(at(self.attributes, "Config", "Env"))
        return {name: value for name, _, value in (str(line).partition("=") for line in lines)}

    @property
    def is_alive(self) -> bool:
        """Return whether it may still answer."""
        return at(self.attributes, "State", "Status") in _ALIVE

    @property
    def gpu(self) -> bool:
        """Return whether it was handed a GPU."""
        return self.labels.get(labels.GPU) == "yes"

    @property
    def image_id(self) -> str:
        """Return which image it was made of."""
        return str(at(self.attributes, "Image") or "")

    @property
    def volumes(self) -> tuple[str, ...]:
        """Return the names of its volumes."""
        return tuple(str(at(mount, "Name")) for mount in listed(at(self.attributes, "Mounts")) if at(mount, "Name"))

    def is_of(self, owner: str) -> bool:
        """Return whether it is a pod of this owner: ids are compared whole."""
        return bool(owner) and self.labels.get(labels.OWNER) == owner and self.labels.get(labels.POD_ID) == self.name

    def has_hub_token(self, token: str) -> bool:
        """Return whether it was handed this token."""
        return self.variables.get(HUB_TOKEN) == token

    def contract(self) -> PodContract:
        """Return what it was created with; raise ContractError when that cannot be read."""
        return PodContract.from_environment(self.variables)

    def pod(self) -> Pod:
        """Return the pod; raise ContractError."""
        contract = self.contract()
        return Pod(self.name, NAME, contract.created_at, contract.model, contract.model_source, contract.limits)

    def ssh_port(self) -> int:
        """Return the port of 127.0.0.1 on which its sshd is reached; raise NotReadyError while there is none."""
        if at(self.attributes, "HostConfig", "NetworkMode") == HOST:
            try:
                return self.contract().sshd_port
            except ContractError as error:
                raise NotReadyError(f"{self.name}: {error}", hint="fluxctl down", code="pod_state_lost") from error
        for binding in listed(at(self.attributes, "NetworkSettings", "Ports", SSH_IN_CONTAINER)):
            port = str(at(binding, "HostPort") or "")
            if at(binding, "HostIp") == LOOPBACK and port.isdigit():
                return int(port)
        raise NotReadyError(f"the container {self.name} has no SSH port", hint="fluxctl status", code="no_ssh_port")

    def end_in_words(self) -> str:
        """Return how it ended."""
        said = [f"code {at(self.attributes, 'State', 'ExitCode')}"]
        if at(self.attributes, "State", "OOMKilled"):
            said.append("it ran out of memory")
        if at(self.attributes, "State", "Error"):
            said.append(" ".join(str(at(self.attributes, "State", "Error")).split()))
        return ", ".join(said)


def ours(answer: object, owner: str) -> list[str]:
    """Given `GET /containers/json`, return the names of this owner's containers, the newest first."""
    mine = [item for item in listed(answer) if owner and at(item, "Labels", labels.OWNER) == owner and at(item, "Labels", labels.POD_ID)]
    mine.sort(key=lambda item: float(at(item, "Created") or 0), reverse=True)
    return [str(at(item, "Labels", labels.POD_ID)) for item in mine]
