"""The GraphQL documents that fluxctl sends, each written afresh with its values escaped."""

from dataclasses import dataclass, field

from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.providers.runpod.literal import Bare, literal
from fluxctl.providers.runpod.times import rfc3339

VOLUME_PATH = "/workspace"
CLOUDS = {"secure": "SECURE", "community": "COMMUNITY"}
_POD = """{
  id name desiredStatus lastStatusChange createdAt costPerHr adjustedCostPerHr env imageName networkVolumeId
  machine { gpuTypeId dataCenterId }
  runtime { uptimeInSeconds ports { ip isIpPublic privatePort publicPort type } }
}"""


@dataclass(frozen=True)
class Document:
    """One operation, ready to be sent. Its text may hold secrets."""

    operation: str
    """The field of `data` that answers it."""
    text: str = field(repr=False)


def list_pods() -> Document:
    """Return the question for every pod of the account."""
    return Document("myself", f"query {{ myself {{ id pods {_POD} }} }}")


def one_pod(pod_id: str) -> Document:
    """Return the question for one pod, and for the account: a key that cannot see the account cannot say that there is no pod."""
    return Document("pod", f"query {{ myself {{ id }} pod(input: {literal({'podId': pod_id})}) {_POD} }}")


def create_pod(order: CreateOrder) -> Document:
    """Return the order for a pod; raise UsageError when a value cannot be sent."""
    wanted: dict[str, object] = {
        "cloudType": Bare(CLOUDS[order.cloud]),
        "gpuCount": 1,
        "gpuTypeId": order.gpu_type,
        "name": order.name,
        "imageName": order.image,
        "containerDiskInGb": order.container_disk_gb,
        "volumeInGb": order.volume_disk_gb,
        "volumeMountPath": VOLUME_PATH,
        "networkVolumeId": order.volume_id,
        "dataCenterId": order.data_center,
        "ports": ",".join(order.ports),
        "startSsh": True,
        "supportPublicIp": True,  # without it, a community host may have no address for port 22
        "deployCost": order.maximum_price_per_hour_usd,
        "minCudaVersion": order.cuda_floor,
        "containerRegistryAuthId": order.registry_auth_id,
        "terminateAfter": None if order.terminate_after is None else rfc3339(order.terminate_after),
        "env": [{"key": name, "value": value} for name, value in order.environment.items()],
    }
    said = {name: value for name, value in wanted.items() if value is not None}
    return Document("podFindAndDeployOnDemand", f"mutation {{ podFindAndDeployOnDemand(input: {literal(said, 'the order')}) {_POD} }}")


def resume_pod(pod_id: str) -> Document:
    """Return the order to start a stopped pod."""
    return Document("podResume", f"mutation {{ podResume(input: {literal({'podId': pod_id, 'gpuCount': 1})}) {_POD} }}")


def stop_pod(pod_id: str) -> Document:
    """Return the order to stop a pod."""
    return Document("podStop", f"mutation {{ podStop(input: {literal({'podId': pod_id})}) {{ id desiredStatus }} }}")


def terminate_pod(pod_id: str) -> Document:
    """Return the order to end a pod."""
    return Document("podTerminate", f"mutation {{ podTerminate(input: {literal({'podId': pod_id})}) }}")


def account() -> Document:
    """Return the question for the account."""
    return Document("myself", "query { myself { id clientBalance currentSpendPerHr } }")


def gpu_types(cuda_floor: str | None, data_center: str | None) -> Document:
    """Return the question for every GPU type with price and stock on both clouds."""
    return Document(
        "gpuTypes",
        f"""query {{ gpuTypes {{
  id displayName memoryInGb secureCloud communityCloud securePrice communityPrice
  secure: lowestPrice(input: {_place(True, cuda_floor, data_center)}) {{ stockStatus uninterruptablePrice }}
  community: lowestPrice(input: {_place(False, cuda_floor, data_center)}) {{ stockStatus uninterruptablePrice }}
}} }}""",
    )


def _place(secure: bool, cuda_floor: str | None, data_center: str | None) -> str:
    wanted: dict[str, object] = {"gpuCount": 1, "secureCloud": secure, "dataCenterId": data_center, "minCudaVersion": cuda_floor}
    return literal({name: value for name, value in wanted.items() if value is not None})
