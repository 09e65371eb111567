"""What can be wrong with an image in a registry, each with what to type next."""

from fluxctl.errors import FluxctlError, ProviderError, SettingsError
from fluxctl.images.manifest import PLATFORM
from fluxctl.images.reference import DOCKER_HUB, Reference

GHCR = "ghcr.io"
PUSH = "make push IMAGE=REGISTRY/YOU/fluxctl-pod"
"""In a checkout; it also notes the pushed image as `pod.image`."""


def public_page(reference: Reference) -> str:
    """Return how a package becomes public."""
    if reference.registry == GHCR:
        owner, _, package = reference.repository.partition("/")
        return f"make the package public: https://github.com/users/{owner}/packages/container/{package}/settings"
    if reference.registry == DOCKER_HUB:
        return f"make it public: https://hub.docker.com/r/{reference.repository}/settings"
    return f"make it public at {reference.registry}"


def not_visible(reference: Reference, *, logged_in: bool) -> ProviderError:
    """Given an image that the registry shows neither to nobody in particular nor to this person, say what that may mean."""
    who = "to you" if logged_in else "without a login"
    why = f"{reference.registry} does not show {reference} {who}: it is private, or it does not exist"
    login = "" if logged_in else f"docker login {reference.registry}, then try again; "
    hint = f"{login}{public_page(reference)}; or let RunPod log in: fluxctl config set pod.registry_auth_id ID"
    return ProviderError(why, hint=hint, code="image_not_visible")


def private(reference: Reference) -> SettingsError:
    """Given an image that only a login shows, and no setting that lets RunPod log in, say what is missing."""
    why = f"{reference} exists, but it is private, and pod.registry_auth_id is not set: RunPod could not pull it"
    hint = f"{public_page(reference)}; or add the registry at RunPod (Settings) and fluxctl config set pod.registry_auth_id ID"
    return SettingsError(why, hint=hint, code="image_private")


def missing(reference: Reference, said: str) -> ProviderError:
    """Given an image that the registry does not have, say so."""
    detail = f" ({said})" if said else ""
    hint = f"{PUSH}, or check the name and the tag"
    return ProviderError(f"{reference} does not exist{detail}", hint=hint, code="image_missing")


def wrong_platform(reference: Reference, there: str) -> ProviderError:
    """Given an image for other platforms only, say so."""
    why = f"{reference} is not for {PLATFORM}, which rented GPUs run, but for {there}"
    return ProviderError(why, hint=f"{PUSH} PLATFORM={PLATFORM}", code="image_architecture")


def too_many(reference: Reference, wait: str) -> ProviderError:
    """Given a registry that answers no more for now, say when it will."""
    when = f"in {wait} s" if wait.isdigit() else "later"
    hint = f"try again {when}; docker login {reference.registry} allows more"
    return ProviderError(f"{reference.registry} takes no more questions from this address for now (429)", hint=hint, code="registry_limit")


def broken(reference: Reference, why: str) -> ProviderError:
    """Given a registry that answers nonsense or fails, say so."""
    hint = f"try again later, or look: {reference.base_url}/v2/"
    return ProviderError(f"{reference.registry} cannot be asked: {why}", hint=hint, code="registry_broken")


def unreachable(reference: Reference, why: str) -> FluxctlError:
    """Given a registry that nobody answers at, say so."""
    return ProviderError(
        f"{reference.registry} cannot be reached: {why}",
        hint="check the name and your connection, then try again",
        code="registry_unreachable",
    )
