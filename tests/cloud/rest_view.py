"""How REST v2 tells of pods and volumes."""

from typing import Any

from tests.cloud.account import Volume
from tests.cloud.market import Market
from tests.cloud.pod import EXITED, RUNNING, CloudPod, moment
from tests.cloud.standing import Standing, standing

ACTIONS = {
    "RUNNING": ["stop", "restart", "terminate"],
    "EXITED": ["start", "terminate"],
    "ERROR": ["start", "terminate"],
    "PROVISIONING": ["stop", "terminate"],
    "STARTING": ["stop", "terminate"],
    "TERMINATED": [],
}


def status(stands: Standing) -> str:
    """Return a pod's status: RUNNING as soon as there is a container, though nothing is known of it yet."""
    if stands.desired != RUNNING:
        return stands.desired
    if stands.container.up_since is not None:
        return "RUNNING"
    return "STARTING" if stands.container.is_scheduled else "PROVISIONING"


def actions(market: Market, pod: CloudPod) -> list[str]:
    """Return what can be done with a pod now."""
    now = market.now()
    return ACTIONS[status(standing(pod, market.tier.look(pod, now), now))]


def pod_fields(market: Market, pod: CloudPod) -> dict[str, Any]:
    """Return a pod."""
    now = market.now()
    stands = standing(pod, market.tier.look(pod, now), now)
    order, says = pod.order, status(stands)
    ssh = stands.container.ssh if stands.shows_runtime and stands.container.has_public_ip else None
    return {
        "id": pod.id,
        "name": pod.name,
        "image": order.image,
        "args": order.arguments,
        "disk": order.disk_gb,
        "ports": list(order.ports),
        "env": pod.environment,
        "registry": order.registry_id,
        "status": says,
        "actions": ACTIONS[says],
        "mounts": _mounts(pod),
        "gpu": {"id": pod.kind.id, "count": order.gpu_count},
        "cloud": pod.cloud,
        "dataCenterId": pod.data_center,
        "cudaVersion": pod.kind.cuda_versions[-1] if pod.kind.cuda_versions else None,
        "ssh": _ssh(pod, ssh),
        "template": None,
        "cost": pod.price_per_hour_usd if stands.desired == RUNNING else 0.0,
        "locked": False,
        "globalNetworking": {"enabled": False},
        "runtime": _runtime(stands, ssh) if stands.shows_runtime and ssh else None,
        "createdAt": moment(pod.created_at),
        "startedAt": moment(pod.started_at) if stands.container.up_since or pod.desired == EXITED else None,
    }


def network_volume(volume: Volume) -> dict[str, Any]:
    """Return a network volume."""
    return {"id": volume.id, "name": volume.name, "size": volume.size_gb, "dataCenter": volume.data_center, "type": volume.kind}


def _mounts(pod: CloudPod) -> dict[str, Any]:
    if pod.order.volume_id:
        return {"network": [{"volumeId": pod.order.volume_id, "path": pod.order.mount_path}]}
    if pod.order.volume_gb:
        return {"persistent": {"size": pod.order.volume_gb, "path": pod.order.mount_path}}
    return {}


def _ssh(pod: CloudPod, address: tuple[str, int] | None) -> dict[str, Any]:
    proxy = {"host": "ssh.runpod.io", "port": 22, "username": pod.host_id, "command": f"ssh {pod.host_id}@ssh.runpod.io"}
    if address is None:
        return {"proxy": proxy, "direct": None}
    host, port = address
    return {"proxy": proxy, "direct": {"host": host, "port": port, "username": "root", "command": f"ssh root@{host} -p {port}"}}


def _runtime(stands: Standing, ssh: tuple[str, int]) -> dict[str, Any]:
    host, port = ssh
    return {
        "uptime": stands.uptime_seconds,
        "gpus": [{"util": 0, "memoryUtil": 0}],
        "cpu": {"util": 1},
        "memory": {"util": 4},
        "ports": [{"private": 22, "public": port, "type": "tcp", "ip": host}],
    }
