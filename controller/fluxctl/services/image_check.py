"""Checks before anybody pays for a pod whether its image can be pulled there."""

from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import UsageError
from fluxctl.images import trouble
from fluxctl.images.docker_login import docker_login
from fluxctl.images.manifest import RemoteImage
from fluxctl.images.reference import Reference, parse_reference
from fluxctl.images.registry import NotShownError, Registry
from fluxctl.providers.docker.labels import CUDA_FLOOR, REVISION, SOURCE_HASH, TORCH, VERSION
from fluxctl.settings.load import Settings
from fluxpod.protocol import source_hash

SCHEMA = 1
MOST_SECONDS = 20.0
"""For one answer of a registry."""


@dataclass(frozen=True)
class ImageReport:
    """An image that can be pulled."""

    reference: Reference
    image: RemoteImage
    public: bool
    registry_auth_id: str | None

    @property
    def same_code(self) -> bool | None:
        """Return whether it holds the code beside this fluxctl; None where it does not say."""
        said = self.image.labels.get(SOURCE_HASH)
        return said == source_hash() if said else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is worth telling."""
        said: list[str] = []
        if self.same_code is None:
            said.append("it has no label that says which code is in it: it may be no image of fluxctl's")
        elif not self.same_code:
            said.append(f"it holds other code than this fluxctl: {trouble.PUSH}")
        if self.image.labels.get(TORCH) == "cpu":
            said.append(f"it is built for processors alone: a rented GPU would stand idle; {trouble.PUSH} TORCH=cuda")
        if not self.public:
            said.append(f"it is private: RunPod pulls it with pod.registry_auth_id {self.registry_auth_id}")
        return tuple(said)

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `image check --json`."""
        labels = self.image.labels
        return {
            "schema": SCHEMA,
            "reference": str(self.reference),
            "exists": True,
            "public": self.public,
            "platform": self.image.platform,
            "digest": self.image.digest,
            "size_bytes": self.image.size_bytes,
            "layers": self.image.layers,
            "version": labels.get(VERSION),
            "revision": labels.get(REVISION),
            "source_hash": labels.get(SOURCE_HASH),
            "same_code": self.same_code,
            "cuda_floor": labels.get(CUDA_FLOOR) or None,
            "torch": labels.get(TORCH),
            "notes": list(self.notes),
            "error": None,
        }


def check_image(text: str | None, environment: Environment, settings: Settings, *, timeout_seconds: float = MOST_SECONDS) -> ImageReport:
    """Given an image's name (None: the setting `pod.image`), return what its registry says of it.

    Raise UsageError for a name that is none, SettingsError for a private image that RunPod could not pull, ProviderError when it
    cannot be pulled or its registry cannot be asked.
    """
    pod = settings.values.pod
    wanted = text if text is not None else pod.image
    if wanted is None:
        why = "no image is named, and pod.image is not set"
        raise UsageError(why, hint=f"{trouble.PUSH} sets it; or fluxctl image check NAME", code="no_image_named")
    reference = parse_reference(wanted)
    try:
        return ImageReport(reference, Registry(reference, None, timeout_seconds).image(), True, pod.registry_auth_id)
    except NotShownError:
        login = docker_login(reference.registry, environment)
    if login is None:
        raise trouble.not_visible(reference, logged_in=False)
    try:
        image = Registry(reference, login, timeout_seconds).image()
    except NotShownError as error:
        raise trouble.not_visible(reference, logged_in=True) from error
    if pod.registry_auth_id is None:
        raise trouble.private(reference)
    return ImageReport(reference, image, False, pod.registry_auth_id)
