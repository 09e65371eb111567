"""Reads REST v2's answers. Nothing here raises: an error's frames would hold the environment of a pod."""

from collections.abc import Mapping
from typing import Any

from fluxctl.pods.data_center import DataCenterStock
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.pods.volume import STANDARD, NetworkVolume
from fluxctl.providers.runpod import reading
from fluxctl.providers.runpod.answer import Answer
from fluxctl.providers.runpod.api import Bill
from fluxctl.providers.runpod.error_body import is_problem
from fluxctl.providers.runpod.times import seconds_of

_STATES = {
    "PROVISIONING": RentalState.STARTING,
    "STARTING": RentalState.STARTING,
    "EXITED": RentalState.STOPPED,
    "ERROR": RentalState.STOPPED,
    "TERMINATED": RentalState.GONE,
}


def listed(answer: Answer, name: str) -> list[Any] | None:
    """Return the list that an answer is wrapped around, None when there is none: that is not an empty one."""
    found = answer.fields.get(name)
    return reading.items(found) if isinstance(found, list) else None


def rentals_of(answer: Answer) -> tuple[Rental, ...] | None:
    """Return the pods of a list; None when it is none, or one of them cannot be read: then it is not a whole list either."""
    pods = listed(answer, "pods")
    return None if pods is None else reading.whole(map(rental_of, pods))


def rental_in(answer: Answer) -> Rental | None:
    """Return the pod that an answer describes; the id in an error is that of something else."""
    return None if is_problem(answer.fields) or not reading.text(answer.fields.get("status")) else rental_of(answer.fields)


def rental_of(said: Any) -> Rental | None:
    """Return one pod; None where there is none, not even an id."""
    pod = reading.mapping(said)
    pod_id, status = reading.text(pod.get("id")), reading.text(pod.get("status")).upper()
    if not pod_id:
        return None
    state = _state(pod, status)
    host, port = _ssh(pod) if state is RentalState.RUNNING else (None, None)
    networks = reading.items(reading.mapping(pod.get("mounts")).get("network"))
    return Rental(
        id=pod_id,
        name=reading.text(pod.get("name")),
        state=state,
        reason=status,
        gpu_type=reading.text_or_none(reading.mapping(pod.get("gpu")).get("id")),
        price_per_hour_usd=reading.price(pod.get("cost")),
        created_at=seconds_of(pod.get("createdAt")),
        data_center=reading.text_or_none(pod.get("dataCenterId")),
        volume_id=reading.text_or_none(reading.mapping(networks[0]).get("volumeId")) if networks else None,
        image=reading.text(pod.get("image")),
        ssh_host=host,
        ssh_port=port,
        environment={name: value for name, value in reading.mapping(pod.get("env")).items() if isinstance(value, str)},
    )


def offers_of(answer: Answer, cloud: str, data_center: str | None) -> tuple[Offer, ...] | None:
    """Return the offers of one cloud in the catalogue, None when it is none."""
    types = listed(answer, "gpus")
    if types is None:
        return None
    known = [reading.mapping(kind) for kind in types]
    return tuple(_offer(kind, cloud, data_center) for kind in known if kind.get("id") and kind.get(cloud))


def volumes_of(answer: Answer) -> tuple[NetworkVolume, ...] | None:
    """Return the network volumes of a list, None when it is none."""
    found = listed(answer, "networkVolumes")
    return None if found is None else reading.whole(map(volume_of, found))


def volume_in(answer: Answer) -> NetworkVolume | None:
    """Return the network volume that an answer describes; the id in an error is that of something else."""
    return volume_of(answer.fields) if reading.text(answer.fields.get("dataCenter")) else None


def volume_of(said: Any) -> NetworkVolume | None:
    """Return one network volume; None where there is none, not even an id."""
    volume = reading.mapping(said)
    volume_id = reading.text(volume.get("id"))
    if not volume_id:
        return None
    size_gb = int(reading.number(volume.get("size")) or 0)
    name, place, tier = (reading.text(volume.get(field)) for field in ("name", "dataCenter", "type"))
    return NetworkVolume(volume_id, name, size_gb, place, tier or STANDARD)


def data_centers_of(answer: Answer) -> tuple[DataCenterStock, ...] | None:
    """Return the data centres of a list, None when it is none."""
    found = listed(answer, "dataCenters")
    places = [reading.mapping(place) for place in found or ()]
    return None if found is None else tuple(_data_center(place) for place in places if place.get("id"))


def bills_of(answer: Answer) -> tuple[Bill, ...] | None:
    """Return the bills of a list; None when it is none, or one of them cannot be counted."""
    found = listed(answer, "records")
    return None if found is None else reading.whole(_bill(reading.mapping(record)) for record in found)


def _bill(record: Mapping[str, Any]) -> Bill | None:
    start, end = seconds_of(record.get("startTime")), seconds_of(record.get("endTime"))
    amount = reading.number(record.get("totalAmount"))
    if start is None or end is None or amount is None:
        return None
    return Bill(reading.text(record.get("podId")), start, end, amount)


def _data_center(place: Mapping[str, Any]) -> DataCenterStock:
    kinds = [reading.mapping(kind) for kind in reading.items(place.get("gpuAvailability"))]
    gpus = {reading.text(kind.get("id")): reading.stock(kind.get("availability")) for kind in kinds if kind.get("id")}
    name = reading.text(place.get("name")) or reading.text(place.get("id"))
    return DataCenterStock(reading.text(place.get("id")), name, STANDARD in reading.items(place.get("networkVolumeTypes")), gpus)


def _offer(kind: Mapping[str, Any], cloud: str, data_center: str | None) -> Offer:
    return Offer(
        gpu_type=reading.text(kind.get("id")),
        gpu_name=reading.text(kind.get("name")) or reading.text(kind.get("id")),
        memory_gb=int(reading.number(kind.get("memory")) or 0),
        price_per_hour_usd=reading.price(reading.mapping(kind.get("price")).get(cloud)),
        cloud=cloud,
        data_center=data_center,
        stock=_stock(kind, data_center),
    )


def _stock(kind: Mapping[str, Any], data_center: str | None) -> Stock:
    """Return what there is in a place, everywhere without one; a place that is not named has none."""
    if data_center is None or "availability" not in kind:
        return reading.stock(kind.get("availability"))
    places = [reading.mapping(place) for place in reading.items(kind.get("dataCenters"))]
    return next((reading.stock(place.get("availability")) for place in places if place.get("id") == data_center), Stock.NONE)


def _ssh(pod: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Return the public address of port 22; RunPod's own proxy carries no forwarding."""
    direct = reading.mapping(reading.mapping(pod.get("ssh")).get("direct"))
    host, port = reading.text_or_none(direct.get("host")), reading.port(direct.get("port"))
    return (host, port) if host and port else (None, None)


def _state(pod: Mapping[str, Any], status: str) -> RentalState:
    """Read the status, which alone says nothing: it is RUNNING before there is a container, and an empty runtime tells of none either."""
    if status == "RUNNING":
        return RentalState.RUNNING if reading.mapping(pod.get("runtime")) or _ssh(pod)[0] else RentalState.STARTING
    return _STATES.get(status, RentalState.UNKNOWN)
