"""Turns what Docker says when it refuses into one of our errors: what happened, why, and what to type (pure)."""

import re
from dataclasses import dataclass

from fluxctl.errors import ProviderError
from fluxctl.link.errors import WorkerUnreachableError

OLDEST_API = (1, 41)
"""Of Docker 20.10."""
OLDEST_IN_WORDS = "Docker 20.10"


@dataclass(frozen=True)
class SocketFacts:
    """What can be seen of the engine's socket from outside."""

    socket: str
    exists: bool
    may_open: bool
    client_installed: bool
    """Whether there is a `docker` to type."""
    platform: str
    """`sys.platform`."""


def no_connection(facts: SocketFacts) -> ProviderError:
    """Given an engine that cannot be reached, say why."""
    if facts.exists and not facts.may_open:
        why = f"you may not use Docker: {facts.socket} is closed to you"
        return ProviderError(why, hint="sudo usermod -aG docker $USER, then log in again", code="docker_no_permission")
    if not facts.exists and not facts.client_installed:
        why = f"Docker is not installed: there is neither {facts.socket} nor a docker command"
        return ProviderError(why, hint="https://docs.docker.com/engine/install/, then try again", code="docker_not_installed")
    start = "open -a Docker" if facts.platform == "darwin" else "sudo systemctl start docker"
    why = f"Docker is not running: nobody answers on {facts.socket}"
    return ProviderError(why, hint=f"{start}, then try again; or --provider local", code="docker_not_running")


def not_here(address: str) -> ProviderError:
    """Given the address of an engine that is not reached through a socket of this computer, say that it cannot be used."""
    why = f"Docker is at {address}, and a container there cannot be reached through this computer's own 127.0.0.1"
    return ProviderError(why, hint="unset DOCKER_HOST, or docker context use default", code="docker_elsewhere")


def too_old(version: str) -> ProviderError:
    """Given the engine's version, say that it is too old."""
    return ProviderError(f"Docker {version} is too old; {OLDEST_IN_WORDS} or newer is needed", hint="update Docker", code="docker_too_old")


def is_too_old(api_version: str) -> bool:
    """Given the newest API that an engine speaks (`1.41`), return whether that is not enough."""
    numbers = re.findall(r"\d+", api_version)[:2]
    return tuple(int(number) for number in numbers) < OLDEST_API


_KNOWN: tuple[tuple[str, str, str, str], ...] = (
    (
        r"port is already allocated|address already in use|ports are not available",
        "port_taken",
        "a port that the container needs is taken",
        "try again: another port is chosen each time",
    ),
    (
        r"no space left on device|disk quota exceeded",
        "disk_full",
        "Docker's disk is full",
        "docker system df shows what takes the room; docker system prune frees some",
    ),
    (
        r"could not select device driver|nvidia-container|cdi device|unresolvable cdi|nvml|unknown or invalid runtime name: nvidia",
        "gpu_refused",
        "Docker offers a GPU and cannot hand it over",
        "mend the NVIDIA container toolkit, or do without: fluxctl config set docker.gpu none",
    ),
    (
        r"iptables|failed to create endpoint|network bridge not found|could not find an available, non-overlapping",
        "docker_network",
        "Docker cannot give the container a network",
        "fluxctl config set docker.network host, then try again",
    ),
    (
        r"exec format error|does not match the (?:detected host|specified) platform",
        "image_architecture",
        "the image is for another kind of processor",
        "make image on this computer, or name another image: fluxctl config set pod.image NAME",
    ),
    (
        r"permission denied while trying to connect",
        "docker_no_permission",
        "you may not use Docker",
        "sudo usermod -aG docker $USER, then log in again",
    ),
)
"""What the engine's words mean: pattern → code, sentence, next command."""


def refused(what: str, said: str) -> ProviderError:
    """Given what was tried and what the engine said about it, return the error that explains it."""
    said = " ".join(said.split())
    for pattern, code, sentence, hint in _KNOWN:
        if re.search(pattern, said, re.IGNORECASE):
            return ProviderError(f"{what}: {sentence} ({said})", hint=hint, code=code)
    return ProviderError(f"{what}: {said}", hint="docker info tells more", code="docker_refused")


def no_image(reference: str, *, ours: bool) -> ProviderError:
    """Given an image that is not on this computer, say where it comes from; `ours`: nobody named it, it is the one that is built here."""
    if ours:
        why = f"the image {reference} is not on this computer"
        return ProviderError(why, hint="make image (in a checkout of fluxctl), then try again", code="image_missing")
    why = f"the image {reference} can neither be found here nor pulled"
    return ProviderError(why, hint=f"fluxctl image check {reference}", code="image_missing")


def other_architecture(reference: str, image: str, engine: str) -> ProviderError:
    """Given the processors that image and engine are for, say that they do not fit."""
    why = f"the image {reference} is for {image}, and Docker here runs {engine}"
    hint = f"make image PLATFORM=linux/{engine}, or name another image: fluxctl config set pod.image NAME"
    return ProviderError(why, hint=hint, code="image_architecture")


def volume_in_use(volume: str, container: str) -> ProviderError:
    """Given a volume that a container which is not ours has mounted, say so."""
    why = f"the volume {volume} is in use by the container {container}, which is not a pod of yours"
    hint = f"docker stop {container}, or another volume: fluxctl config set docker.volume NAME"
    return ProviderError(why, hint=hint, code="volume_in_use")


def lost(pod_id: str) -> WorkerUnreachableError:
    """Given a pod whose container is gone, say so: its worker cannot be reached any more."""
    return WorkerUnreachableError(f"the container {pod_id} is gone", hint="fluxctl up --provider docker", code="container_gone")
