"""The bodies that REST v2 takes: closed, so that a field that it does not know is an error."""

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from tests.cloud import refusal as kinds
from tests.cloud.catalog import SECURE
from tests.cloud.pod import Order
from tests.cloud.refusal import Refusal

Cuda = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+$")]
Cloud = Literal["SECURE", "COMMUNITY"]
Some = Annotated[str, StringConstraints(min_length=1)]


class WrongBodyError(Exception):
    """A body does not fit; `errors` says where."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


class Closed(BaseModel):
    """A body, or a part of one."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class Gpu(Closed):
    """Which GPU. Without a count the platform finds none."""

    id: str
    count: int | None = Field(default=None, ge=1)
    allowed_cuda_versions: list[Cuda] = Field(default=[], alias="allowedCudaVersions")
    min_cuda_version: Cuda | None = Field(default=None, alias="minCudaVersion")


class Cpu(Closed):
    """A pod without a GPU, which nobody here rents."""

    id: str
    count: int = 1


class PersistentMount(Closed):
    """A volume disk."""

    size: int = Field(ge=10)
    path: str


class NetworkMount(Closed):
    """A network volume."""

    volume_id: str = Field(alias="volumeId")
    path: str


class Mounts(Closed):
    """At most one of them."""

    persistent: PersistentMount | None = None
    network: list[NetworkMount] = Field(default=[], max_length=1)


class CreatePod(Closed):
    """POST /v2/pods"""

    name: Some
    image: str | None = None
    args: str = ""
    disk: int = Field(default=10, ge=1)
    env: dict[str, str] = {}
    ports: list[str] = []
    registry: str | None = None
    cloud: Cloud = "SECURE"
    gpu: Gpu | None = None
    cpu: Cpu | None = None
    data_center_ids: list[str] = Field(default=[], alias="dataCenterIds")
    global_networking: bool = Field(default=False, alias="globalNetworking")
    mounts: Mounts = Mounts()
    start_jupyter: bool = Field(default=False, alias="startJupyter")
    start_ssh: bool = Field(default=False, alias="startSsh")
    template_id: Some | None = Field(default=None, alias="templateId")


class PodAction(Closed):
    """POST /v2/pods/{id}/action"""

    action: Literal["start", "stop", "restart", "terminate"]


class CreateVolume(Closed):
    """POST /v2/network-volumes"""

    name: Some
    size: int = Field(ge=10, le=4096)
    data_center: Some = Field(alias="dataCenter")
    type: Literal["STANDARD", "HIGH_PERFORMANCE"] | None = None


Body = TypeVar("Body", bound=Closed)


def read(kind: type[Body], content: bytes) -> Body:
    """Given a request's body, return what it says; raise WrongBodyError."""
    try:
        return kind.model_validate(json.loads(content or b"null"), by_alias=True, by_name=False)
    except ValidationError as error:
        raise WrongBodyError(tuple(_words(one) for one in error.errors())) from error
    except ValueError as error:
        raise WrongBodyError(("$: no JSON",)) from error


def _words(error: Any) -> str:
    *place, last = ["$", *(str(part) for part in error["loc"])]
    if error["type"] == "extra_forbidden":
        return f"{'.'.join(place)}: additional properties '{last}' not allowed"
    return f"{'.'.join([*place, last])}: {error['msg']}"


def order_of(given: CreatePod) -> Order:
    """Given the body of a creation, return the order; raise Refusal for what the schema cannot say."""
    if not given.image:
        raise WrongBodyError(("$: missing property 'image'",))
    if given.gpu is None or given.cpu is not None:
        raise Refusal(kinds.BROKEN_RULE, "exactly one of gpu or cpu must be set")
    if given.gpu.count is None:
        raise Refusal(kinds.NO_CAPACITY)  # as it was seen to do
    if given.gpu.min_cuda_version and given.gpu.allowed_cuda_versions:
        raise Refusal(kinds.BROKEN_RULE, "minCudaVersion and allowedCudaVersions are mutually exclusive")
    network, persistent = given.mounts.network, given.mounts.persistent
    if network and persistent:
        raise Refusal(kinds.BROKEN_RULE, "mounts.persistent and mounts.network are mutually exclusive")
    return Order(
        name=given.name,
        image=given.image,
        gpu_types=(given.gpu.id,),
        gpu_count=given.gpu.count,
        clouds=(given.cloud or SECURE,),
        data_centers=tuple(given.data_center_ids),
        volume_id=network[0].volume_id if network else None,
        mount_path=network[0].path if network else persistent.path if persistent else "",
        volume_gb=persistent.size if persistent else 0,
        disk_gb=given.disk,
        environment=given.env,
        ports=tuple(given.ports),
        arguments=given.args,
        cuda_floor=given.gpu.min_cuda_version,
        cuda_allowed=tuple(given.gpu.allowed_cuda_versions),
        registry_id=given.registry,
    )
