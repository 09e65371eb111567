"""What the controller hands over to a pod at creation, to and from environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from fluxpod.pod_contract import variables as names
from fluxpod.pod_contract.limits import Limits
from fluxpod.pod_contract.paths import PodPaths
from fluxpod.pod_contract.reading import number_of, port_of, text_of


@dataclass(frozen=True)
class PodContract:
    """What the controller hands over to a pod at creation."""

    pod_id: str
    worker_token: str = field(repr=False)
    created_at: float
    model: str
    model_source: str
    end_action: str
    root: Path
    limits: Limits
    socket: Path | None = None
    """Either this or `port` is set."""
    port: int | None = None
    queue_limit: int = 2000
    keep_results_seconds: float = 604800.0
    owner_id: str = ""
    public_key: str = ""
    host_key: str = field(default="", repr=False)
    sshd_port: int = names.DEFAULT_SSHD_PORT
    sshd_address: str = names.DEFAULT_SSHD_ADDRESS

    @property
    def paths(self) -> PodPaths:
        """Return the places that the pod reads and writes."""
        return PodPaths(self.root)

    def to_environment(self) -> dict[str, str]:
        """Return the variables that a pod of this contract starts with (secrets included)."""
        limits = {names.LIMIT_NAMES[item.name]: repr(getattr(self.limits, item.name)) for item in fields(self.limits)}
        return {
            names.POD_ID: self.pod_id,
            names.WORKER_TOKEN: self.worker_token,
            names.CREATED_AT: repr(self.created_at),
            names.MODEL: self.model,
            names.MODEL_SOURCE: self.model_source,
            names.END_ACTION: self.end_action,
            names.ROOT: str(self.root),
            **self._listening(),
            names.QUEUE_LIMIT: str(self.queue_limit),
            names.KEEP_RESULTS_SECONDS: repr(self.keep_results_seconds),
            **limits,
        }

    def _listening(self) -> dict[str, str]:
        """Return the variables that say where worker and sshd listen, and for whom; without sshd for a worker on a socket."""
        if self.port is None:
            return {names.SOCKET: str(self.socket)}
        said = {names.OWNER_ID: self.owner_id, names.PUBLIC_KEY: self.public_key, names.HOST_KEY: self.host_key}
        there = {name: value for name, value in said.items() if value}
        return {names.PORT: str(self.port), names.SSHD_PORT: str(self.sshd_port), names.SSHD_ADDRESS: self.sshd_address, **there}

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] | None = None) -> "PodContract":
        """Given the process's environment, return the contract; raise ContractError when a variable is missing or malformed."""
        given = os.environ if variables is None else variables
        limits = Limits(**{name: number_of(given, variable) for name, variable in names.LIMIT_NAMES.items()})
        socket = given.get(names.SOCKET, "")
        return cls(
            pod_id=given.get(names.POD_ID, "") or text_of(given, names.RUNPOD_POD_ID),
            worker_token=text_of(given, names.WORKER_TOKEN),
            created_at=number_of(given, names.CREATED_AT),
            model=text_of(given, names.MODEL),
            model_source=text_of(given, names.MODEL_SOURCE),
            end_action=text_of(given, names.END_ACTION),
            root=Path(given.get(names.ROOT, "") or "/"),
            limits=limits,
            socket=Path(socket) if socket else None,
            port=None if socket else port_of(given, names.PORT, names.DEFAULT_PORT),
            queue_limit=int(number_of(given, names.QUEUE_LIMIT)),
            keep_results_seconds=number_of(given, names.KEEP_RESULTS_SECONDS),
            owner_id=given.get(names.OWNER_ID, ""),
            public_key=given.get(names.PUBLIC_KEY, ""),
            host_key=given.get(names.HOST_KEY, ""),
            sshd_port=port_of(given, names.SSHD_PORT, names.DEFAULT_SSHD_PORT),
            sshd_address=given.get(names.SSHD_ADDRESS, "") or names.DEFAULT_SSHD_ADDRESS,
        )
