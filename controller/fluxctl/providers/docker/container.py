"""Decides what a pod's container is made with: name, labels, environment, network, volume, GPU (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fluxctl.pods.pod import PodPlan
from fluxctl.providers.docker import labels
from fluxpod.pod_contract import (
    DEFAULT_PORT,
    DEFAULT_SSHD_ADDRESS,
    DEFAULT_SSHD_PORT,
    END_CONTAINER,
    PodContract,
    PodPaths,
)

LOOPBACK = "127.0.0.1"
SSH_IN_CONTAINER = f"{DEFAULT_SSHD_PORT}/tcp"
HOST = "host"
NAME_PREFIX = "fluxctl-"
HUB_TOKEN = "HF_TOKEN"  # noqa: S105 - a variable's name
PATHS = PodPaths(Path("/"))
LONGEST_LOG = {"max-size": "10m", "max-file": "2"}
"""Of what the container prints; the worker's own log lies in a file inside."""


@dataclass(frozen=True)
class Ports:
    """Where sshd and worker listen."""

    sshd: int = DEFAULT_SSHD_PORT
    worker: int = DEFAULT_PORT
    sshd_address: str = DEFAULT_SSHD_ADDRESS


@dataclass(frozen=True)
class Keys:
    """What a new pod is handed so that only this person reaches it."""

    worker_token: str
    host_key: str
    """Private. A secret."""
    public_key: str
    """Who may log in."""

    def __repr__(self) -> str:
        """Return nothing of it."""
        return "Keys(…)"


def pod_name(owner: str, random: str) -> str:
    """Given the owner's id and six random hex digits, return the container's name, which is the pod's id."""
    return f"{NAME_PREFIX}{owner[:8]}-{random}"


def volume_name(setting: str | None, owner: str) -> str:
    """Given the setting `docker.volume`, return the volume's name; one of the owner's own when it is not set."""
    return setting or f"{NAME_PREFIX}{owner[:8]}"


def contract_for(plan: PodPlan, pod_id: str, owner: str, keys: Keys, ports: Ports, now: float) -> PodContract:
    """Given a plan and all that is new, return what the pod is handed."""
    return PodContract(
        pod_id=pod_id,
        worker_token=keys.worker_token,
        created_at=now,
        model=plan.model,
        model_source=plan.source,
        end_action=END_CONTAINER,
        root=Path("/"),
        limits=plan.limits,
        port=ports.worker,
        queue_limit=plan.queue_limit,
        keep_results_seconds=plan.keep_results_seconds,
        owner_id=owner,
        public_key=keys.public_key,
        host_key=keys.host_key,
        sshd_port=ports.sshd,
        sshd_address=ports.sshd_address,
    )


def creation(
    contract: PodContract, *, image: str, volume: str, network: str, hub_token: str | None, device: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Given all that was decided, return the body of the engine's `POST /containers/create`."""
    variables = contract.to_environment() | ({HUB_TOKEN: hub_token} if hub_token else {})
    published = {} if network == HOST else {SSH_IN_CONTAINER: [{"HostIp": LOOPBACK, "HostPort": ""}]}
    return {
        "Image": image,
        "Env": [f"{name}={value}" for name, value in variables.items()],
        "Labels": {
            labels.OWNER: contract.owner_id,
            labels.POD_ID: contract.pod_id,
            labels.CREATED_AT: repr(contract.created_at),
            labels.GPU: "yes" if device else "no",
        },
        "ExposedPorts": {port: {} for port in published},
        "HostConfig": {
            "NetworkMode": network,
            "PortBindings": published,
            "Mounts": [{"Type": "volume", "Source": volume, "Target": str(PATHS.volume)}],
            "RestartPolicy": {"Name": "no"},
            "LogConfig": {"Type": "json-file", "Config": LONGEST_LOG},
            "DeviceRequests": [dict(device)] if device else [],
        },
    }


def host_ports(sshd: int, worker: int) -> Ports:
    """Given two free ports of this computer, return where a container that shares its network listens."""
    return replace(Ports(), sshd=sshd, worker=worker, sshd_address=LOOPBACK)
