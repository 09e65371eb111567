"""Decides from what an engine says of itself which GPU a container is handed, if any (pure)."""

from collections.abc import Mapping
from typing import Any

from fluxctl.providers.docker import labels
from fluxctl.providers.docker.found import at, listed

NVIDIA = "nvidia"
_CDI_KIND = "nvidia.com/gpu"


def device_request(info: Mapping[str, Any]) -> dict[str, Any] | None:
    """Given `docker info`, return the device request for one GPU as the engine's API takes it; None when the engine offers none.

    A GPU that the engine has found itself (CDI) goes before the runtime of the NVIDIA container toolkit, which may be there without one.
    """
    found = [str(at(device, "ID")) for device in listed(info.get("DiscoveredDevices")) if at(device, "Source") == "cdi"]
    gpus = sorted(name for name in found if name.partition("=")[0] == _CDI_KIND)
    numbered = [name for name in gpus if name.partition("=")[2].isdigit()]
    if gpus:
        return {"Driver": "cdi", "DeviceIDs": [(numbered or gpus)[0]]}
    if NVIDIA in (info.get("Runtimes") or {}):
        return {"Driver": NVIDIA, "Count": 1, "Capabilities": [["gpu"]]}
    return None


def uses_gpu(setting: str, image_labels: Mapping[str, str], info: Mapping[str, Any]) -> bool:
    """Given the setting `docker.gpu`, the image's labels and `docker info`, return whether a container of this image gets a GPU."""
    return setting == "auto" and image_labels.get(labels.TORCH) != "cpu" and device_request(info) is not None
