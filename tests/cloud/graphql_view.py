"""How GraphQL tells of pods, GPU types, volumes and accounts."""

from typing import Any

from tests.cloud.account import Account, Volume
from tests.cloud.catalog import COMMUNITY, SECURE, Catalog, GpuKind, fits_cuda
from tests.cloud.market import Market
from tests.cloud.pod import CloudPod, moment
from tests.cloud.standing import Standing, standing


def pod_fields(market: Market, pod: CloudPod) -> dict[str, Any]:
    """Return a pod."""
    now = market.now()
    stands = standing(pod, market.tier.look(pod, now), now)
    order, volume = pod.order, pod.account.volumes.get(pod.order.volume_id or "")
    return {
        "id": pod.id,
        "name": pod.name,
        "adjustedCostPerHr": pod.price_per_hour_usd,
        "consumerUserId": pod.account.id,
        "containerDiskInGb": order.disk_gb,
        "containerRegistryAuthId": order.registry_id,
        "costMultiplier": 1,
        "costPerHr": pod.price_per_hour_usd,
        "createdAt": moment(pod.created_at),
        "desiredStatus": stands.desired,
        "dockerArgs": order.arguments,
        "env": [f"{name}={value}" for name, value in pod.environment.items()],
        "gpuCount": order.gpu_count,
        "imageName": order.image,
        "lastStartedAt": moment(pod.started_at),
        "lastStatusChange": pod.words,
        "latestTelemetry": {"state": "running", "time": moment(now)} if stands.shows_runtime else None,
        "locked": False,
        "machine": _machine(pod) if stands.container.is_scheduled else None,
        "machineId": f"m{pod.id[:11]}" if stands.container.is_scheduled else None,
        "machineType": "",
        "memoryInGb": 46,
        "networkVolume": network_volume(volume) if volume else None,
        "networkVolumeId": order.volume_id,
        "podType": "RESERVED",
        "port": None,
        "ports": ",".join(order.ports),
        "runtime": _runtime(pod, stands) if stands.shows_runtime else None,
        "templateId": None,
        "uptimeSeconds": 0,
        "vcpuCount": 8,
        "version": pod.starts,
        "volumeEncrypted": False,
        "volumeInGb": order.volume_gb,
        "volumeMountPath": order.mount_path,
    }


def _machine(pod: CloudPod) -> dict[str, Any]:
    return {
        "id": f"m{pod.id[:11]}",
        "costPerHr": pod.price_per_hour_usd,
        "dataCenterId": pod.data_center,
        "gpuDisplayName": pod.kind.name,
        "gpuTypeId": pod.kind.id,
        "location": pod.data_center[:2],
        "podHostId": pod.host_id,
        "secureCloud": pod.cloud == SECURE,
        "supportPublicIp": True,
    }


def _runtime(pod: CloudPod, stands: Standing) -> dict[str, Any]:
    ports: list[dict[str, Any]] = []
    if stands.container.ssh is not None:
        host, port = stands.container.ssh
        public = stands.container.has_public_ip
        address = host if public else "100.65.14.2"
        # An entry that is not 22's stands first: whoever takes the first one gets the wrong port.
        ports.append({"ip": "100.65.14.2", "isIpPublic": False, "privatePort": 19123, "publicPort": 60001, "type": "http"})
        ports.append({"ip": address, "isIpPublic": public, "privatePort": 22, "publicPort": port, "type": "tcp"})
    return {
        "container": {"cpuPercent": 1, "memoryPercent": 4},
        "gpus": [{"id": f"GPU-{pod.id}", "gpuUtilPercent": 0, "memoryUtilPercent": 0}],
        "ports": ports or None,
        "uptimeInSeconds": stands.uptime_seconds,
    }


def network_volume(volume: Volume) -> dict[str, Any]:
    """Return a network volume."""
    return {
        "id": volume.id,
        "name": volume.name,
        "size": volume.size_gb,
        "dataCenterId": volume.data_center,
        "dataCenter": {"id": volume.data_center},
    }


def gpu_kind(catalog: Catalog, kind: GpuKind) -> dict[str, Any]:
    """Return a GPU type; its lowest price depends on what is asked."""
    return {
        "id": kind.id,
        "displayName": kind.name,
        "manufacturer": kind.manufacturer,
        "memoryInGb": kind.memory_gb,
        "secureCloud": SECURE in kind.prices,
        "communityCloud": COMMUNITY in kind.prices,
        "securePrice": kind.prices.get(SECURE, 0),
        "communityPrice": kind.prices.get(COMMUNITY, 0),
        "maxGpuCount": kind.max_count,
        "maxGpuCountSecureCloud": kind.max_count,
        "maxGpuCountCommunityCloud": kind.max_count,
        "lowestPrice": lambda _info, input=None: lowest_price(catalog, kind, input or {}),
    }


def lowest_price(catalog: Catalog, kind: GpuKind, asked: dict[str, Any]) -> dict[str, Any]:
    """Return price and stock of a type for what is asked; nulls where there is none."""
    secure = asked.get("secureCloud")
    clouds = (SECURE, COMMUNITY) if secure is None else (SECURE,) if secure else (COMMUNITY,)
    count = asked.get("gpuCount", 1)
    places = (asked["dataCenterId"],) if asked.get("dataCenterId") else kind.data_centers
    rented = [cloud for cloud in clouds if cloud in kind.prices and set(places) & set(kind.data_centers)]
    if not rented or not fits_cuda(kind, asked.get("minCudaVersion"), tuple(asked.get("allowedCudaVersions") or ())):
        return {"gpuName": kind.name, "gpuTypeId": kind.id, "stockStatus": None, "availableGpuCounts": []}
    there = [cloud for cloud in rented if catalog.best_level(kind, places, (cloud,)) != "None"]
    if not there:  # sold out, and the price is told all the same
        price = min(kind.prices[cloud] for cloud in rented) * count
        said = {"stockStatus": "None", "uninterruptablePrice": price, "availableGpuCounts": [], "maxUnreservedGpuCount": 0}
        return {"gpuName": kind.name, "gpuTypeId": kind.id, **said}
    price = min(kind.prices[cloud] for cloud in there) * count
    return {
        "gpuName": kind.name,
        "gpuTypeId": kind.id,
        "minimumBidPrice": round(price * 0.6, 3),
        "uninterruptablePrice": price,
        "minMemory": 46,
        "minVcpu": 8,
        "stockStatus": catalog.best_level(kind, places, tuple(there)),
        "supportPublicIp": True,
        "availableGpuCounts": [1, 2, 4],
        "maxUnreservedGpuCount": 4,
    }


def user(market: Market, account: Account) -> dict[str, Any]:
    """Return an account."""
    balance = market.balance_usd(account)
    return {
        "id": account.id,
        "email": account.email,
        "pods": lambda _info: [pod_fields(market, pod) for pod in market.pods_of(account)],
        "clientBalance": balance,
        "currentSpendPerHr": market.spend_per_hour_usd(account),
        "spendLimit": account.spend_limit_usd,
        "minBalance": 0,
        "underBalance": balance <= 0,
        "clientLifetimeSpend": market.book.spent_usd(account.id, market.now()),
        "pubKey": account.public_key,
        "networkVolumes": [network_volume(volume) for volume in account.volumes.values()],
        "containerRegistryCreds": [{"id": id, "name": name} for id, name in account.registries.items()],
        "secrets": [{"id": name, "name": name} for name in account.secrets],
        "isTeam": False,
    }
