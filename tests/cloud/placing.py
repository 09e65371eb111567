"""Decides where a pod goes: type, cloud, data centre and price; or why there is no place for it."""

from dataclasses import dataclass

from tests.cloud import refusal as kinds
from tests.cloud.account import Account
from tests.cloud.catalog import COMMUNITY, Catalog, GpuKind, fits_cuda
from tests.cloud.pod import Order
from tests.cloud.refusal import Refusal

MOST_VARIABLES = 50


@dataclass(frozen=True)
class Placed:
    """Where it goes."""

    kind: GpuKind
    cloud: str
    data_center: str
    price_per_hour_usd: float


def place(catalog: Catalog, account: Account, order: Order) -> Placed:
    """Return the first place that is free, in the order of types, data centres and clouds; raise Refusal."""
    check_rules(account, order)
    places = order.data_centers
    if order.volume_id:
        there = account.volumes[order.volume_id].data_center
        if places and there not in places:
            raise Refusal(kinds.NO_CAPACITY)
        places = (there,)
    refusal = Refusal(kinds.NO_CAPACITY)
    for gpu_type in order.gpu_types:
        kind = catalog.kind(gpu_type)
        if kind is None:
            continue  # a type that nobody knows looks like one that is sold out
        if not fits_cuda(kind, order.cuda_floor, order.cuda_allowed):
            refusal = Refusal(kinds.NO_CUDA_HOST)
            continue
        for data_center in places or kind.data_centers:
            for cloud in order.clouds:
                price = kind.prices.get(cloud, 0.0) * order.gpu_count
                affordable = order.price_limit_usd is None or price <= order.price_limit_usd + 1e-9
                if catalog.level(kind, data_center, cloud) != "None" and affordable:
                    return Placed(kind, cloud, data_center, price)
    raise refusal


def check_rules(account: Account, order: Order) -> None:
    """Raise Refusal for what no host could run."""
    if len(order.environment) > MOST_VARIABLES:
        raise Refusal(kinds.BROKEN_RULE, f"a pod takes at most {MOST_VARIABLES} environment variables")
    if order.gpu_count < 1:
        raise Refusal(kinds.BROKEN_RULE, "gpuCount must be at least 1")
    if order.registry_id is not None and order.registry_id not in account.registries:
        raise Refusal(kinds.BROKEN_RULE, "container registry auth not found")
    if order.volume_id is None:
        return
    if order.volume_id not in account.volumes:
        raise Refusal(kinds.VOLUME_NOT_FOUND)
    if COMMUNITY in order.clouds:
        raise Refusal(kinds.BROKEN_RULE, "network volumes are only available on Secure Cloud")
    if order.volume_gb:
        raise Refusal(kinds.BROKEN_RULE, "a pod has either a volume disk or a network volume")
