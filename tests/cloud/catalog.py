"""What can be rented: GPU types with prices, data centres, and how many are left where."""

from dataclasses import dataclass, field

LEVELS = ("None", "Low", "Medium", "High")
SECURE, COMMUNITY = "SECURE", "COMMUNITY"
CUDA_VERSIONS = ("12.4", "12.6", "12.8")


@dataclass
class GpuKind:
    """A GPU type."""

    id: str
    name: str
    memory_gb: int
    prices: dict[str, float]
    """Cloud → USD an hour; a cloud that is missing has none."""
    data_centers: tuple[str, ...]
    cuda_versions: tuple[str, ...] = CUDA_VERSIONS
    pool: str | None = None
    manufacturer: str = "NVIDIA"
    max_count: int = 8


@dataclass(frozen=True)
class Place:
    """A data centre."""

    id: str
    name: str
    region: str
    tiers: tuple[str, ...] = ("STANDARD",)
    """Of network volumes: the first is made where none is named; (): it holds none."""


def _kind(id: str, name: str, memory: int, secure: float | None, community: float | None, *places: str) -> GpuKind:
    prices = {cloud: price for cloud, price in ((SECURE, secure), (COMMUNITY, community)) if price is not None}
    return GpuKind(id, name, memory, prices, places)


PLACES = (
    Place("EU-RO-1", "EU Romania 1", "EUROPE"),
    Place("EU-SE-1", "EU Sweden 1", "EUROPE", ("HIGH_PERFORMANCE", "STANDARD")),
    Place("US-KS-2", "US Kansas 2", "NORTH_AMERICA"),
    Place("US-TX-3", "US Texas 3", "NORTH_AMERICA", ()),
)


def usual_kinds() -> list[GpuKind]:
    """Return GPU types with prices of the middle of 2026."""
    return [
        _kind("NVIDIA RTX A5000", "RTX A5000", 24, 0.27, 0.16, "EU-RO-1", "EU-SE-1", "US-KS-2"),
        _kind("NVIDIA L4", "L4", 24, 0.39, None, "EU-RO-1", "US-KS-2"),
        _kind("NVIDIA GeForce RTX 3090", "RTX 3090", 24, 0.46, 0.22, "EU-SE-1", "US-TX-3"),
        _kind("NVIDIA GeForce RTX 4090", "RTX 4090", 24, 0.69, 0.34, "EU-RO-1", "US-KS-2", "US-TX-3"),
        _kind("NVIDIA GeForce RTX 5090", "RTX 5090", 32, 0.99, None, "EU-RO-1", "US-TX-3"),
        _kind("NVIDIA A40", "A40", 48, 0.44, 0.35, "EU-SE-1", "US-KS-2"),
        _kind("NVIDIA RTX A6000", "RTX A6000", 48, 0.49, 0.33, "EU-RO-1", "EU-SE-1", "US-KS-2"),
        _kind("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada", 48, 0.77, None, "EU-RO-1", "US-KS-2"),
        _kind("NVIDIA L40S", "L40S", 48, 0.86, 0.79, "EU-RO-1", "US-KS-2", "US-TX-3"),
        _kind("NVIDIA L40", "L40", 48, 0.99, None, "EU-RO-1"),
        _kind("NVIDIA A100 80GB PCIe", "A100 PCIe", 80, 1.39, 1.19, "EU-RO-1", "US-KS-2"),
        _kind("NVIDIA A100-SXM4-80GB", "A100 SXM", 80, 1.49, None, "EU-SE-1", "US-KS-2"),
        _kind("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX PRO 6000", 96, 2.09, None, "EU-RO-1", "US-TX-3"),
        _kind("NVIDIA H100 80GB HBM3", "H100 SXM", 80, 3.29, None, "EU-RO-1", "US-KS-2"),
        GpuKind("AMD Instinct MI300X OAM", "MI300X", 192, {SECURE: 2.49}, ("EU-RO-1",), (), manufacturer="AMD"),
    ]


@dataclass
class Catalog:
    """Types, places and stock; every type is in stock everywhere until somebody says otherwise."""

    kinds: list[GpuKind] = field(default_factory=usual_kinds)
    places: tuple[Place, ...] = PLACES
    said: dict[tuple[str, str, str], str] = field(default_factory=dict[tuple[str, str, str], str])
    """(type, data centre, cloud), each of the latter two may be empty for all → level."""

    def kind(self, gpu_type: str) -> GpuKind | None:
        """Return a type, None if there is none of that id."""
        return next((kind for kind in self.kinds if kind.id == gpu_type), None)

    def set_level(self, gpu_type: str, level: str, data_center: str = "", cloud: str = "") -> None:
        """Say how many are left; what was said before of a part of it no longer counts."""
        assert level in LEVELS, f"a level is one of {LEVELS}"
        for key in [key for key in self.said if _covers((gpu_type, data_center, cloud), key)]:
            del self.said[key]
        self.said[gpu_type, data_center, cloud] = level

    def level(self, kind: GpuKind, data_center: str, cloud: str) -> str:
        """Return how many are left of a type in one data centre of one cloud."""
        if cloud not in kind.prices or data_center not in kind.data_centers:
            return "None"
        asked = ((kind.id, data_center, cloud), (kind.id, data_center, ""), (kind.id, "", cloud), (kind.id, "", ""))
        return next((self.said[key] for key in asked if key in self.said), "High")

    def best_level(self, kind: GpuKind, data_centers: tuple[str, ...] = (), clouds: tuple[str, ...] = (SECURE, COMMUNITY)) -> str:
        """Return the best level in any of these data centres and clouds."""
        levels = [self.level(kind, place, cloud) for place in data_centers or kind.data_centers for cloud in clouds]
        return max(levels, key=LEVELS.index, default="None")


def _covers(whole: tuple[str, str, str], part: tuple[str, str, str]) -> bool:
    return all(mine in ("", theirs) for mine, theirs in zip(whole, part, strict=True))


def version_of(text: str) -> tuple[int, ...]:
    """Return a CUDA version for comparison: 12.11 is above 12.2."""
    return tuple(int(part) for part in text.split("."))


def fits_cuda(kind: GpuKind, floor: str | None, allowed: tuple[str, ...]) -> bool:
    """Return whether some host of this type knows such a CUDA."""
    if floor is None and not allowed:
        return True
    versions = [version for version in kind.cuda_versions if not allowed or version in allowed]
    return any(floor is None or version_of(version) >= version_of(floor) for version in versions)
