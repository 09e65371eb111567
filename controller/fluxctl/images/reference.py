"""Understands an image's name as Docker does: registry, repository, tag or digest (pure)."""

import re
from dataclasses import dataclass

from fluxctl.errors import UsageError

DOCKER_HUB = "docker.io"
_HUB_HOST = "registry-1.docker.io"
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
_REGISTRY = re.compile(r"(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+(?::[0-9]{1,5})?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HERE = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3})(?::[0-9]+)?")


@dataclass(frozen=True)
class Reference:
    """An image's name, complete."""

    registry: str
    repository: str
    tag: str
    digest: str
    """`sha256:…`, "" where none was named; it goes before the tag."""

    @property
    def version(self) -> str:
        """Return what a manifest is asked for by."""
        return self.digest or self.tag

    @property
    def base_url(self) -> str:
        """Return where the registry's API is; one on this computer speaks without encryption, as Docker takes it."""
        host = _HUB_HOST if self.registry == DOCKER_HUB else self.registry
        return f"{'http' if _HERE.fullmatch(host) else 'https'}://{host}"

    def __str__(self) -> str:
        """Return the name in full."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.registry}/{self.repository}{tag}{f'@{self.digest}' if self.digest else ''}"


def parse_reference(text: str) -> Reference:
    """Given a name such as `ghcr.io/somebody/fluxctl-pod:0.1.0`, return it complete; raise UsageError for what no registry can have."""
    rest, _, digest = text.strip().partition("@")
    first, slash, others = rest.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, path = (first, others) if has_registry else (DOCKER_HUB, rest)
    repository, colon, tag = path.partition(":")
    if registry == "index.docker.io":
        registry = DOCKER_HUB
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    sound = (
        _REGISTRY.fullmatch(registry)
        and _REPOSITORY.fullmatch(repository)
        and (_TAG.fullmatch(tag) if colon else True)
        and (_DIGEST.fullmatch(digest) if "@" in text else True)
    )
    if not sound:
        shown = text if len(text) <= 200 else f"{text[:200]}…"
        why = f"{shown!r} is no image's name"
        raise UsageError(why, hint="fluxctl image check ghcr.io/OWNER/fluxctl-pod:TAG (all lower case but the tag)", code="bad_reference")
    return Reference(registry, repository, tag or ("" if digest else "latest"), digest)
