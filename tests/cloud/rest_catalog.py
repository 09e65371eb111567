"""REST's catalogue: GPU types with price and stock, data centres with what is left in each."""

from collections.abc import Mapping
from typing import Any

from tests.cloud import refusal as kinds
from tests.cloud.catalog import COMMUNITY, SECURE, Catalog, GpuKind, fits_cuda
from tests.cloud.refusal import Refusal

ONLY_WITH_STOCK = ("product", "count", "cloud", "countryCodes", "cudaVersions", "minCudaVersion")


def gpus(catalog: Catalog, query: Mapping[str, str]) -> dict[str, Any]:
    """Answer GET /v2/catalog/gpus; raise Refusal for a query that breaks a rule."""
    with_stock = query.get("include", "") == "AVAILABILITY"
    if with_stock and not query.get("product"):
        raise Refusal(kinds.BROKEN_RULE, "product is required with include=AVAILABILITY")
    if not with_stock and (wrong := [name for name in ONLY_WITH_STOCK if name in query]):
        raise Refusal(kinds.BROKEN_RULE, f"{wrong[0]} is valid only with include=AVAILABILITY")
    if "cudaVersions" in query and "minCudaVersion" in query:
        raise Refusal(kinds.BROKEN_RULE, "cudaVersions and minCudaVersion are mutually exclusive")
    return {"gpus": [_kind(catalog, kind, query, with_stock=with_stock) for kind in catalog.kinds]}


def data_centers(catalog: Catalog, query: Mapping[str, str]) -> dict[str, Any]:
    """Answer GET /v2/catalog/datacenters."""
    with_stock = "GPU_AVAILABILITY" in query.get("include", "").split(",")
    regions = query.get("regions", "")
    found: list[dict[str, Any]] = []
    for place in catalog.places:
        if regions and place.region not in regions.split(","):
            continue
        said: dict[str, Any] = {
            "id": place.id,
            "name": place.name,
            "region": place.region,
            "globalNetwork": True,
            "networkVolumeTypes": list(place.tiers),
            "compliance": ["SOC_2_TYPE_2"],
        }
        there = [kind for kind in catalog.kinds if place.id in kind.data_centers]
        if with_stock and there:
            said["gpuAvailability"] = [
                {"id": kind.id, "name": kind.name, "availability": catalog.best_level(kind, (place.id,)).upper()} for kind in there
            ]
        found.append(said)
    return {"dataCenters": found}


def _kind(catalog: Catalog, kind: GpuKind, query: Mapping[str, str], *, with_stock: bool) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": kind.id,
        "name": kind.name,
        "pool": kind.pool,
        "manufacturer": kind.manufacturer,
        "memory": kind.memory_gb,
        "secure": SECURE in kind.prices,
        "community": COMMUNITY in kind.prices,
        "price": {"secure": kind.prices.get(SECURE, 0.0), "community": kind.prices.get(COMMUNITY, 0.0)},
        "maxCount": {"secure": kind.max_count, "community": kind.max_count},
    }
    if not with_stock:
        return said
    clouds = (query.get("cloud", SECURE),)
    allowed = tuple(filter(None, query.get("cudaVersions", "").split(",")))
    fits = fits_cuda(kind, query.get("minCudaVersion"), allowed)
    said["availability"] = catalog.best_level(kind, (), clouds).upper() if fits else "NONE"
    if kind.data_centers:
        names = {place.id: place.name for place in catalog.places}
        said["dataCenters"] = [
            {"id": place, "name": names[place], "availability": catalog.level(kind, place, clouds[0]).upper() if fits else "NONE"}
            for place in kind.data_centers
        ]
    said["cudaVersions"] = [{"version": version, "available": said["availability"] != "NONE"} for version in kind.cuda_versions]
    return said
