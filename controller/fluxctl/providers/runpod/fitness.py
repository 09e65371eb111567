"""Asks the image's registry, before a machine is rented for it, whether the image is there and which CUDA it needs."""

from dataclasses import dataclass

from fluxctl.errors import FluxctlError, ProviderError, SettingsError
from fluxctl.images import trouble
from fluxctl.images.docker_login import docker_login
from fluxctl.images.manifest import RemoteImage
from fluxctl.images.reference import Reference, parse_reference
from fluxctl.images.registry import NotShownError, Registry
from fluxctl.providers.docker.labels import CUDA_FLOOR, SOURCE_HASH
from fluxctl.providers.runpod.tenant import Tenant

REGISTRY_SECONDS = 10.0
"""For one answer."""
_PASSES = ("registry_limit", "registry_broken", "registry_unreachable")
"""What says nothing about the image: it is rented for all the same, and a pull that fails is noticed."""


@dataclass(frozen=True)
class Fitness:
    """An image that can be rented for."""

    reference: str
    cuda_floor: str | None = None
    source_hash: str = ""
    note: str = ""
    """Why it could not be looked at."""


def image_wanted(tenant: Tenant) -> str:
    """Return the image that the settings name; raise SettingsError, which says how to get one, where they name none."""
    image = tenant.settings.values.pod.image
    if image is None:
        why = "pod.image is not set: a rented machine has to get fluxctl's image from a registry"
        hint = f"{trouble.PUSH} builds it and sets pod.image; or fluxctl init; or fluxctl config set pod.image REGISTRY/NAME:TAG"
        raise SettingsError(why, hint=hint, code="no_image")
    return image


def image_fitness(tenant: Tenant) -> Fitness:
    """Return what the registry says of the image; raise ProviderError or SettingsError when RunPod could not pull it."""
    reference = parse_reference(image_wanted(tenant))
    try:
        found = _look(tenant, reference)
    except ProviderError as error:
        if error.code not in _PASSES:
            raise
        return Fitness(str(reference), note=f"the image was not looked at: {error.message}")
    if found is None:
        return Fitness(str(reference), note="the image is private, and was not looked at: RunPod pulls it with pod.registry_auth_id")
    return Fitness(str(reference), found.labels.get(CUDA_FLOOR) or None, found.labels.get(SOURCE_HASH, ""))


def source_hash_of(tenant: Tenant) -> str:
    """Return the hash of the code in the image, "" where its registry does not say."""
    try:
        return image_fitness(tenant).source_hash
    except FluxctlError:
        return ""


def _look(tenant: Tenant, reference: Reference) -> RemoteImage | None:
    """Return the image; None for one that only RunPod's own login shows."""
    try:
        return Registry(reference, None, REGISTRY_SECONDS).image()
    except NotShownError:
        login = docker_login(reference.registry, tenant.environment)
    has_login_there = tenant.settings.values.pod.registry_auth_id is not None
    if login is None:
        if has_login_there:
            return None
        raise trouble.not_visible(reference, logged_in=False)
    try:
        image = Registry(reference, login, REGISTRY_SECONDS).image()
    except NotShownError as error:
        raise trouble.not_visible(reference, logged_in=True) from error
    if not has_login_there:
        raise trouble.private(reference)
    return image
