"""What GraphQL's root fields do, and for whom."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError
from tests.cloud import refusal as kinds
from tests.cloud.account import Key
from tests.cloud.catalog import COMMUNITY, SECURE, fits_cuda
from tests.cloud.graphql_view import gpu_kind, network_volume, pod_fields, user
from tests.cloud.market import Market
from tests.cloud.pod import Order
from tests.cloud.refusal import Refusal

CLOUDS = {"SECURE": (SECURE,), "COMMUNITY": (COMMUNITY,), "ALL": (SECURE, COMMUNITY)}


class Resolvers:
    """One request's root fields."""

    def __init__(self, market: Market, key: Key) -> None:
        self.market = market
        self.key = key

    def roots(self) -> dict[str, Callable[..., Any]]:
        """Return name → resolver."""
        return {
            "myself": lambda _info: user(self.market, self.key.account) if self.key.reads_account else None,
            "pod": self._told(self.pod),
            "gpuTypes": self.gpu_types,
            "dataCenters": self.data_centers,
            "countryCodes": lambda _info: ["RO", "SE", "US"],
            "podFindAndDeployOnDemand": self._told(self.deploy),
            "podResume": self._told(self.resume),
            "podStop": self._told(self.stop),
            "podTerminate": self._told(self.terminate),
            "createNetworkVolume": self._told(self.create_volume),
            "deleteNetworkVolume": self._told(self.delete_volume),
            "saveRegistryAuth": self._told(self.save_registry),
            "secretCreate": self._told(self.create_secret),
        }

    def pod(self, input: dict[str, Any] | None) -> dict[str, Any] | None:
        """Answer with a pod, null where the key sees none of that id."""
        pod_id = (input or {}).get("podId", "")
        if not self.key.reaches(pod_id):
            return None
        pod = self.market.find(self.key.account, pod_id)
        return pod_fields(self.market, pod) if pod else None

    def gpu_types(self, _info: Any, input: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Answer with the types that were asked for."""
        wanted = {*((input or {}).get("ids") or ()), *filter(None, [(input or {}).get("id")])}
        return [gpu_kind(self.market.catalog, kind) for kind in self.market.catalog.kinds if not wanted or kind.id in wanted]

    def data_centers(self, _info: Any) -> list[dict[str, Any]]:
        """Answer with every data centre."""
        catalog = self.market.catalog
        return [
            {
                "id": place.id,
                "name": place.name,
                "location": place.region,
                "listed": True,
                "storageSupport": bool(place.tiers),
                "gpuAvailability": lambda _info, input=None, place=place: [
                    {
                        "id": kind.id,
                        "gpuTypeId": kind.id,
                        "displayName": kind.name,
                        "gpuTypeDisplayName": kind.name,
                        "stockStatus": catalog.best_level(kind, (place.id,)),
                        "available": catalog.best_level(kind, (place.id,)) != "None",
                    }
                    for kind in catalog.kinds
                    if place.id in kind.data_centers and fits_cuda(kind, None, tuple((input or {}).get("allowedCudaVersions") or ()))
                ],
            }
            for place in catalog.places
        ]

    def deploy(self, input: dict[str, Any] | None) -> dict[str, Any]:
        """Rent a pod."""
        self._needs_change()
        return pod_fields(self.market, self.market.rent(self.key.account, order_of(input or {})))

    def resume(self, input: dict[str, Any]) -> dict[str, Any]:
        """Start a stopped pod."""
        pod = self._mine(input["podId"], "pod not found to resume")
        self._needs_change()
        if input.get("gpuCount", pod.order.gpu_count) != pod.order.gpu_count:
            raise Refusal(kinds.BROKEN_RULE, "gpuCount must be that of the pod")
        self.market.start(pod)
        return pod_fields(self.market, pod)

    def stop(self, input: dict[str, Any]) -> dict[str, Any]:
        """Stop a pod."""
        pod = self._mine(input["podId"], "pod not found to stop")
        self.market.stop(pod)
        return {**pod_fields(self.market, pod), "desiredStatus": "EXITED"}

    def terminate(self, input: dict[str, Any]) -> None:
        """End a pod."""
        self.market.terminate(self._mine(input["podId"], ""))

    def create_volume(self, input: dict[str, Any]) -> dict[str, Any]:
        """Make a network volume."""
        self._needs_change()
        return network_volume(self.market.add_volume(self.key.account, input["name"], input["size"], input["dataCenterId"]))

    def delete_volume(self, input: dict[str, Any]) -> None:
        """Delete a network volume."""
        self._needs_change()
        if self.key.account.volumes.pop(input["id"], None) is None:
            raise Refusal(kinds.BROKEN_RULE, "Tried to delete nonexistent network volume")

    def save_registry(self, input: dict[str, Any] | None) -> dict[str, Any]:
        """Keep credentials for a registry."""
        self._needs_change()
        name = str((input or {}).get("name"))
        registry_id = self.market.new_id(10)
        self.key.account.registries[registry_id] = name
        return {"id": registry_id, "name": name}

    def create_secret(self, input: dict[str, Any] | None) -> dict[str, Any]:
        """Keep a secret."""
        self._needs_change()
        given = input or {}
        self.key.account.secrets[given["name"]] = given["value"]
        return {"id": self.market.new_id(10), "name": given["name"], "description": given.get("description")}

    def _mine(self, pod_id: str, words: str) -> Any:
        pod = self.market.find(self.key.account, pod_id)
        if pod is None or pod.gone_at is not None or (self.key.rights == "pod" and not self.key.reaches(pod_id)):
            raise Refusal(kinds.NOT_FOUND, words)
        if not self.key.ends(pod_id):
            raise Refusal(kinds.RIGHTS)
        return pod

    def _needs_change(self) -> None:
        if not self.key.changes:
            raise Refusal(kinds.RIGHTS)

    def _told(self, resolve: Callable[..., Any]) -> Callable[..., Any]:
        def told(_info: Any, input: dict[str, Any] | None = None) -> Any:
            try:
                return resolve(input)
            except Refusal as error:
                raise GraphQLError(error.wording.message, extensions={"code": error.wording.code}) from error

        return told


def order_of(given: dict[str, Any]) -> Order:
    """Given the input of a deployment, return the order."""
    types = [given.get("gpuTypeId"), *(given.get("gpuTypeIdList") or ())]
    places = [given.get("dataCenterId"), *(given.get("dataCenterIds") or ())]
    if not given.get("imageName"):
        raise Refusal(kinds.BROKEN_RULE, "imageName is required")
    return Order(
        name=given.get("name") or "",
        image=given["imageName"],
        gpu_types=tuple(name for name in types if name),
        gpu_count=1 if given.get("gpuCount") is None else given["gpuCount"],
        clouds=CLOUDS[given.get("cloudType") or "ALL"],
        data_centers=tuple(name for name in places if name),
        volume_id=given.get("networkVolumeId") or None,
        mount_path=given.get("volumeMountPath") or "",
        volume_gb=given.get("volumeInGb") or 0,
        disk_gb=10 if given.get("containerDiskInGb") is None else given["containerDiskInGb"],
        environment={one["key"]: one["value"] for one in given.get("env") or () if one},
        ports=tuple(port.strip() for port in (given.get("ports") or "").split(",") if port.strip()),
        arguments=given.get("dockerArgs") or "",
        cuda_floor=given.get("minCudaVersion"),
        cuda_allowed=tuple(given.get("allowedCudaVersions") or ()),
        registry_id=given.get("containerRegistryAuthId"),
        public_ip=(given.get("cloudType") or "ALL") == "SECURE" or bool(given.get("networkVolumeId")) or bool(given.get("supportPublicIp")),
        price_limit_usd=given.get("deployCost"),
        terminate_after=given.get("terminateAfter"),
    )
