"""Decides what each layer of the image is, and whether it is too large: pure functions of what `docker history` says."""

from collections.abc import Sequence
from dataclasses import dataclass

MEGABYTE = 1_000_000
BASE = "base"


@dataclass(frozen=True)
class Part:
    """One layer of the Dockerfile that has a size."""

    name: str
    mark: str
    """Stands in the command that makes it, and in no other."""
    budget_megabytes: float
    """A tenth over what it was when it was last decided. A pod is billed while it pulls, some 100 MB a second: a gigabyte more costs
    every cold start ten seconds, so growth is decided here, never slipped in."""


PARTS = {
    "cuda": (
        Part("code", "compileall", 6),  # a change of the code pushes this one alone
        Part("weights", "/weights /opt", 31),  # the embedded model is at most 30 MB
        Part("libraries", "libraries.txt", 530),
        Part("torch", "torch.txt", 2_700),
        Part("cuda", "cuda.txt", 5_000),
        Part("system", "apt-get", 315),
    ),
    "cpu": (
        Part("code", "compileall", 6),
        Part("weights", "/weights /opt", 31),
        Part("libraries", "libraries.txt", 530),
        Part("torch", "torch.txt", 840),
        Part("cuda", "cuda.txt", 0),
        Part("system", "apt-get", 315),
    ),
}
"""By torch's build. Without the base image, which whoever builds may choose."""
REST_MEGABYTES = 1
"""Whatever else the Dockerfile makes, such as empty folders."""


@dataclass(frozen=True)
class Layer:
    """One line of `docker history`."""

    size: int
    made_by: str


@dataclass(frozen=True)
class Share:
    """What a part of the image takes, and may take (None: anything)."""

    name: str
    size: int
    budget_megabytes: float | None

    @property
    def is_over(self) -> bool:
        """Whether it is larger than it may be."""
        return self.budget_megabytes is not None and self.size > self.budget_megabytes * MEGABYTE


def read_history(printed: str) -> list[Layer]:
    """Given lines of size in bytes, tab, command (newest first), return the layers; raise ValueError when a line is none."""
    layers: list[Layer] = []
    for line in printed.splitlines():
        size, _, made_by = line.partition("\t")
        layers.append(Layer(int(size), made_by))
    return layers


def shares(layers: Sequence[Layer], torch: str) -> list[Share]:
    """Given the layers, newest first, and torch's build, return each part's share, the base image's (all that is older) last."""
    parts = PARTS[torch]
    found = {part.name: 0 for part in parts}
    oldest = max((place for place, layer in enumerate(layers) if _part(layer, parts)), default=-1)
    rest = 0
    for layer in layers[: oldest + 1]:
        part = _part(layer, parts)
        if part:
            found[part.name] += layer.size
        else:
            rest += layer.size
    ours = [Share(part.name, found[part.name], part.budget_megabytes) for part in parts]
    base = sum(layer.size for layer in layers[oldest + 1 :])
    return [*ours, Share("rest", rest, REST_MEGABYTES), Share(BASE, base, None)]


def missing(layers: Sequence[Layer], torch: str) -> list[str]:
    """Given the layers and torch's build, return the parts that no layer is: their sizes would not be known."""
    return [part.name for part in PARTS[torch] if not any(part.mark in layer.made_by for layer in layers)]


def table(found: Sequence[Share]) -> str:
    """Return the shares as lines for people."""
    lines = [f"{'layer':<10} {'MB':>8} {'budget':>8}"]
    for share in found:
        budget = "–" if share.budget_megabytes is None else f"{share.budget_megabytes:.0f}"
        lines.append(f"{share.name:<10} {share.size / MEGABYTE:>8.1f} {budget:>8}{'  too large' if share.is_over else ''}")
    lines.append(f"{'together':<10} {sum(share.size for share in found) / MEGABYTE:>8.1f}")
    return "\n".join(lines)


def _part(layer: Layer, parts: Sequence[Part]) -> Part | None:
    return next((part for part in parts if part.mark in layer.made_by), None)
