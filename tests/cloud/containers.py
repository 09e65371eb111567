"""Containers of the real image on this computer's own network; nothing of anybody else's is touched, and no image is made or pulled."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from tests.cloud.pod import CloudPod

IMAGE = os.environ.get("TEST_POD_IMAGE") or "fluxctl-pod:cpu"
LABEL = "ai.fluxctl.test-cloud"
"""On a container and a volume of a cloud: the process id of that cloud."""
PREFIX = "fluxctl-cloud-"
PATIENCE_SECONDS = 60


def client() -> Any:
    """Return a client of the engine that the environment names; raise docker.errors.DockerException."""
    return import_module("docker").from_env(timeout=PATIENCE_SECONDS)


def why_not(image: str = IMAGE) -> str:
    """Return why no containers can be had here, "" if they can."""
    errors = import_module("docker.errors")
    try:
        engine = client()
    except errors.DockerException as error:
        return f"no Docker engine answers ({error})"
    try:
        engine.images.get(image)
    except errors.ImageNotFound:
        return f"Docker has no image {image}"
    except errors.DockerException as error:
        return f"Docker does not answer ({error})"
    finally:
        engine.close()
    return ""


@dataclass
class Containers:
    """All containers of one cloud. Whatever image is ordered, `image` runs."""

    image: str = IMAGE
    engine: Any = field(default_factory=client)
    _made: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        self.labels = {LABEL: str(os.getpid())}
        self.remove_strays()

    def variables(self, pod: CloudPod) -> dict[str, str]:
        """Return nothing: inside a container all is where it should be."""
        return {}

    def prepare(self, pod: CloudPod) -> None:
        """Forget the container of before: a new one has a fresh disk."""
        self._remove(self._made.pop(pod.id, None))

    def run(self, pod: CloudPod, variables: Mapping[str, str], hear: Callable[[str], None]) -> "ContainerPod":
        """Start the pod's container, the same one again if it is there."""
        container = self._made.get(pod.id)
        if container is None:
            types = import_module("docker.types")
            source = PREFIX + (pod.order.volume_id or pod.id)
            target = pod.order.mount_path or "/workspace"
            self.engine.volumes.create(source, labels=self.labels)
            given = {name: value for name, value in variables.items() if name != "FLUXPOD_ROOT"}
            container = self.engine.containers.create(
                self.image,
                environment=given,
                labels=self.labels,
                name=PREFIX + pod.id,
                network_mode="host",
                mounts=[types.Mount(target, source, "volume")],
            )
            self._made[pod.id] = container
        began = time.time()
        container.start()
        return ContainerPod(container, began, hear)

    def clear(self, pod: CloudPod, *, keep: bool) -> None:
        """Remove the container, and the pod's own volume with the pod."""
        self._remove(self._made.pop(pod.id, None))
        if not keep and not pod.order.volume_id:
            self._remove_volume(PREFIX + pod.id)

    def close(self) -> None:
        """Remove what this cloud made."""
        self._remove_labelled(str(os.getpid()))
        self.engine.close()

    def remove_strays(self) -> None:
        """Remove what clouds left that were killed."""
        listed = [*self.engine.containers.list(all=True, filters={"label": LABEL}), *self.engine.volumes.list(filters={"label": LABEL})]
        for owner in {_owner(one) for one in listed} - {""}:
            try:
                os.kill(int(owner), 0)
            except ProcessLookupError:
                self._remove_labelled(owner)
            except PermissionError:
                continue

    def _remove_labelled(self, owner: str) -> None:
        filters = {"label": f"{LABEL}={owner}"}
        for container in self.engine.containers.list(all=True, filters=filters):
            self._remove(container)
        for volume in self.engine.volumes.list(filters=filters):
            self._remove_volume(volume.name)

    def _remove(self, container: Any) -> None:
        if container is not None:
            with contextlib.suppress(import_module("docker.errors").NotFound):
                container.remove(force=True, v=True)

    def _remove_volume(self, name: str) -> None:
        with contextlib.suppress(import_module("docker.errors").APIError):
            self.engine.volumes.get(name).remove(force=True)


def _owner(thing: Any) -> str:
    labels = thing.labels if hasattr(thing, "labels") else thing.attrs.get("Labels") or {}
    return str(labels.get(LABEL, ""))


class ContainerPod:
    """One life of a container."""

    def __init__(self, container: Any, since: float, hear: Callable[[str], None]) -> None:
        self.container = container
        self._pieces = container.logs(stream=True, follow=True, since=since)
        self._reader = threading.Thread(target=self._read, args=(hear,), name=f"log-{container.short_id}", daemon=True)
        self._reader.start()

    def runs(self) -> bool:
        """Return whether it lives."""
        self.container.reload()
        return self.container.status == "running"

    def end(self, grace_seconds: float) -> None:
        """End it."""
        with contextlib.suppress(import_module("docker.errors").NotFound):
            self.container.stop(timeout=int(grace_seconds))
        self._reader.join(grace_seconds)

    def _read(self, hear: Callable[[str], None]) -> None:
        rest = b""
        with contextlib.suppress(OSError, ValueError, import_module("docker.errors").DockerException):
            for piece in self._pieces:
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    hear(line.decode("utf-8", "replace").rstrip("\r"))
        if rest:
            hear(rest.decode("utf-8", "replace"))
