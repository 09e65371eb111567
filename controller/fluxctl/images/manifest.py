"""Understands a registry's documents: which manifest of an index is for a platform, and what an image's configuration says (pure)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

PLATFORM = "linux/amd64"
"""What rented GPUs run."""
INDEX_TYPES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFEST_TYPES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
ACCEPTED = ", ".join((*INDEX_TYPES, *MANIFEST_TYPES))


def under(said: object, *names: str) -> Any:
    """Return what stands under these names in a JSON document, one in the other; None where one of them is missing."""
    for name in names:
        if not isinstance(said, Mapping):
            return None
        said = cast("Mapping[str, Any]", said).get(name)
    return said


def entries(said: object) -> list[Any]:
    """Return a list of a JSON document; an empty one for anything else."""
    return cast("list[Any]", said) if isinstance(said, list) else []


def digest_of(content: bytes) -> str:
    """Return the digest by which a registry knows this content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def is_index(document: object) -> bool:
    """Return whether a document lists manifests for several platforms."""
    return under(document, "mediaType") in INDEX_TYPES or isinstance(under(document, "manifests"), list)


def platforms(index: object) -> dict[str, str]:
    """Given an index, return platform (`linux/amd64`) → digest of its manifest, the first of each; what is no image is left out."""
    found: dict[str, str] = {}
    for entry in entries(under(index, "manifests")):
        name = f"{under(entry, 'platform', 'os')}/{under(entry, 'platform', 'architecture')}"
        if "unknown" not in name and "None" not in name and isinstance(under(entry, "digest"), str):
            found.setdefault(name, str(under(entry, "digest")))
    return found


@dataclass(frozen=True)
class RemoteImage:
    """An image in a registry, for one platform."""

    digest: str
    """Of what the name stands for: index or manifest."""
    size_bytes: int
    """To be pulled: compressed."""
    layers: int
    platform: str
    labels: Mapping[str, str]


def image_of(digest: str, manifest: object, configuration: object) -> RemoteImage:
    """Given a manifest and the configuration that it names, return the image."""
    layers = [under(layer, "size") for layer in entries(under(manifest, "layers"))]
    sizes = [size for size in (*layers, under(manifest, "config", "size")) if isinstance(size, int)]
    platform = f"{under(configuration, 'os')}/{under(configuration, 'architecture')}"
    said = under(configuration, "config", "Labels")
    labels = {str(name): str(value) for name, value in cast("Mapping[str, Any]", said).items()} if isinstance(said, Mapping) else {}
    return RemoteImage(digest, sum(sizes), len(layers), platform, labels)
