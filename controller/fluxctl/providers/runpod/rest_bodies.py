"""What fluxctl sends to REST v2, whose bodies are closed: a field that it does not know is refused."""

from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.providers.runpod.documents import CLOUDS, VOLUME_PATH
from fluxctl.providers.runpod.literal import refuse_broken_text
from fluxctl.providers.runpod.rest_http import Body


def create_pod(order: CreateOrder) -> Body:
    """Return the order for a pod; raise UsageError when a value cannot be sent. `terminate_after` has no place here."""
    for place, text in (("the name", order.name), ("the image", order.image), *_said(order)):
        refuse_broken_text(text, place)
    body: dict[str, object] = {
        "name": order.name,
        "image": order.image,
        "disk": order.container_disk_gb,
        "env": dict(order.environment),
        "ports": list(order.ports),
        # Without the count, RunPod answers that there are none.
        "gpu": {"id": order.gpu_type, "count": 1, **({"minCudaVersion": order.cuda_floor} if order.cuda_floor else {})},
        "cloud": CLOUDS[order.cloud],
        "startSsh": True,
    }
    if order.registry_auth_id:
        body["registry"] = order.registry_auth_id
    if order.data_center:
        body["dataCenterIds"] = [order.data_center]
    if order.volume_id:
        body["mounts"] = {"network": [{"volumeId": order.volume_id, "path": VOLUME_PATH}]}
    elif order.volume_disk_gb:
        body["mounts"] = {"persistent": {"size": order.volume_disk_gb, "path": VOLUME_PATH}}
    return Body(body)


def _said(order: CreateOrder) -> list[tuple[str, str]]:
    return [(f"the order's {name}", f"{name}={value}") for name, value in order.environment.items()]
