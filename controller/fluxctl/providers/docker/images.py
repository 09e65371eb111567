"""Finds a pod's image on the engine, pulls it where it has a place to come from, and checks that it fits this computer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import fluxctl
from fluxctl.errors import ProviderError
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.base import Report
from fluxctl.providers.docker import labels
from fluxctl.providers.docker.engine import Engine
from fluxctl.providers.docker.found import at
from fluxctl.providers.docker.trouble import no_image, other_architecture, refused

LOCAL_NAME = "fluxctl-pod"
_SAME_PROCESSOR = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class PodImage:
    """An image on the engine."""

    reference: str
    id: str
    architecture: str
    labels: Mapping[str, str]

    @property
    def source_hash(self) -> str:
        """Return the hash of the code in it, "" if it does not say."""
        return self.labels.get(labels.SOURCE_HASH, "")


def reference_of(setting: str | None) -> str:
    """Given the setting `pod.image`, return the image's name; the one that `make image` builds when it is not set."""
    return setting or f"{LOCAL_NAME}:{fluxctl.__version__}"


def find_image(engine: Engine, reference: str) -> PodImage | None:
    """Return an image that is on the engine, None if it is not."""
    said = engine.look(f"/images/{reference}/json")
    if said is None:
        return None
    return PodImage(reference, str(at(said, "Id")), str(at(said, "Architecture") or ""), dict(at(said, "Config", "Labels") or {}))


def ready_image(engine: Engine, setting: str | None, report: Report, monotonic: Callable[[], float]) -> PodImage:
    """Return the image that a new pod runs; one that is missing and the person named is pulled. Raise ProviderError where none fits."""
    reference = reference_of(setting)
    image = find_image(engine, reference)
    if image is None and setting is not None:
        _pull(engine, reference, report, monotonic)
        image = find_image(engine, reference)
    if image is None:
        raise no_image(reference, ours=setting is None)
    processor = str(engine.info.get("Architecture", ""))
    processor = _SAME_PROCESSOR.get(processor, processor)
    if image.architecture and processor and image.architecture != processor:
        raise other_architecture(reference, image.architecture, processor)
    return image


def _pull(engine: Engine, reference: str, report: Report, monotonic: Callable[[], float]) -> None:
    """Pull an image, and tell how far it is; raise ProviderError."""
    began = monotonic()
    api = engine.sdk().api
    last = reference.rpartition("/")[2]
    named = reference if ":" in last or "@" in last else f"{reference}:latest"
    report(Progress(Stage.PULLING, 0.0, named))
    layers = Layers()
    try:
        with engine.told(f"{named} cannot be pulled"):
            for event in _events(api.pull(named, stream=True, decode=True)):
                if at(event, "error"):
                    raise refused(f"{named} cannot be pulled", str(at(event, "error")))
                layers.hear(event)
                report(Progress(Stage.PULLING, monotonic() - began, named, layers.bytes_done, layers.bytes_total))
    except ProviderError as error:
        if error.code == "docker_refused":
            error.hint = f"fluxctl image check {named}"
        raise


def _events(stream: Any) -> Iterator[Any]:
    yield from stream


class Layers:
    """Adds up what a pull says of each layer."""

    def __init__(self) -> None:
        self._done: dict[str, int] = {}
        self._total: dict[str, int] = {}

    def hear(self, event: object) -> None:
        """Take in one event of the stream."""
        layer, total = str(at(event, "id") or ""), at(event, "progressDetail", "total")
        if at(event, "status") == "Downloading" and isinstance(total, int):
            self._total[layer] = total
            self._done[layer] = min(total, int(at(event, "progressDetail", "current") or 0))
        elif at(event, "status") in ("Download complete", "Pull complete") and layer in self._total:
            self._done[layer] = self._total[layer]

    @property
    def bytes_done(self) -> int | None:
        """Return how much has come; None: nothing is known yet."""
        return sum(self._done.values()) if self._total else None

    @property
    def bytes_total(self) -> int | None:
        """Return how much there is, as far as that is known by now."""
        return sum(self._total.values()) if self._total else None
