"""Reads GraphQL's answers. Nothing here raises: an error's frames would hold the environment of a pod."""

from collections.abc import Mapping
from typing import Any

from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.providers.runpod import reading
from fluxctl.providers.runpod.answer import Answer
from fluxctl.providers.runpod.api import Account
from fluxctl.providers.runpod.times import seconds_of

SSH_PORT = 22
_STATES = {"EXITED": RentalState.STOPPED, "TERMINATED": RentalState.GONE}


def data_of(answer: Answer) -> Mapping[str, Any]:
    """Return the data of an answer, also beside errors."""
    return reading.mapping(answer.fields.get("data"))


def answers(answer: Answer, operation: str) -> bool:
    """Return whether an answer is one to this operation, null included."""
    return operation in data_of(answer)


def is_null(answer: Answer, operation: str) -> bool:
    """Return whether an operation was answered with null."""
    data = data_of(answer)
    return operation in data and data[operation] is None


def sees_account(answer: Answer) -> bool:
    """Return whether the key could see the account: another one's null proves nothing."""
    return reading.text(reading.mapping(data_of(answer).get("myself")).get("id")) != ""


def rentals_of(answer: Answer) -> tuple[Rental, ...] | None:
    """Return the pods of a list; None when it is none, or one of them cannot be read: then it is not a whole list either."""
    pods = reading.mapping(data_of(answer).get("myself")).get("pods")
    return reading.whole(rental_of(pod) for pod in reading.items(pods)) if isinstance(pods, list) else None


def rental_in(answer: Answer, operation: str) -> Rental | None:
    """Return the pod that answers an operation, also when something beside it went wrong."""
    return rental_of(data_of(answer).get(operation))


def rental_of(said: Any) -> Rental | None:
    """Return one pod; None where there is none, not even an id."""
    pod = reading.mapping(said)
    pod_id = reading.text(pod.get("id"))
    if not pod_id:
        return None
    machine = reading.mapping(pod.get("machine"))
    state = _state(pod)
    host, port = _ssh(pod) if state is RentalState.RUNNING else (None, None)
    # Also with a word that is not known: it costs until RunPod says otherwise.
    is_paid_for = state not in (RentalState.STOPPED, RentalState.GONE)
    return Rental(
        id=pod_id,
        name=reading.text(pod.get("name")),
        state=state,
        reason=reading.text(pod.get("lastStatusChange")),
        gpu_type=reading.text_or_none(machine.get("gpuTypeId")),
        price_per_hour_usd=reading.price(pod.get("adjustedCostPerHr")) or reading.price(pod.get("costPerHr")) if is_paid_for else None,
        created_at=seconds_of(pod.get("createdAt")),
        data_center=reading.text_or_none(machine.get("dataCenterId")),
        volume_id=reading.text_or_none(pod.get("networkVolumeId")),
        image=reading.text(pod.get("imageName")),
        ssh_host=host,
        ssh_port=port,
        environment=_environment(pod.get("env")),
    )


def offers_of(answer: Answer, data_center: str | None) -> tuple[Offer, ...] | None:
    """Return the offers of a list of GPU types, None when it is none."""
    types = data_of(answer).get("gpuTypes")
    if not isinstance(types, list):
        return None
    known = [reading.mapping(kind) for kind in reading.items(types)]
    return tuple(
        _offer(kind, cloud, data_center)
        for kind in known
        for cloud in ("secure", "community")
        if kind.get("id") and kind.get(f"{cloud}Cloud")
    )


def account_of(answer: Answer) -> Account:
    """Return the account."""
    said = reading.mapping(data_of(answer).get("myself"))
    return Account(reading.text(said.get("id")), reading.number(said.get("clientBalance")), reading.number(said.get("currentSpendPerHr")))


def _offer(kind: Mapping[str, Any], cloud: str, data_center: str | None) -> Offer:
    lowest = reading.mapping(kind.get(cloud))
    now = reading.price(lowest.get("uninterruptablePrice"))
    found = reading.stock(lowest.get("stockStatus"))
    return Offer(
        gpu_type=reading.text(kind.get("id")),
        gpu_name=reading.text(kind.get("displayName")) or reading.text(kind.get("id")),
        memory_gb=int(reading.number(kind.get("memoryInGb")) or 0),
        price_per_hour_usd=now or reading.price(kind.get(f"{cloud}Price")),
        cloud=cloud,
        data_center=data_center,
        # Where there is none, RunPod leaves the price out, and at times the word too.
        stock=Stock.NONE if found is Stock.UNKNOWN and now is None else found,
    )


def _state(pod: Mapping[str, Any]) -> RentalState:
    """Read what is desired first: a pod that was just stopped keeps its old runtime for a while."""
    desired = reading.text(pod.get("desiredStatus")).upper()
    if desired == "RUNNING":
        return RentalState.RUNNING if isinstance(pod.get("runtime"), dict) else RentalState.STARTING
    return _STATES.get(desired, RentalState.UNKNOWN)


def _ssh(pod: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Return the public address of port 22: other ports have a private one of RunPod's own network."""
    for said in reading.items(reading.mapping(pod.get("runtime")).get("ports")):
        entry = reading.mapping(said)
        is_ssh = entry.get("privatePort") == SSH_PORT and entry.get("type") == "tcp" and entry.get("isIpPublic") is True
        host, port = reading.text_or_none(entry.get("ip")), reading.port(entry.get("publicPort"))
        if is_ssh and host and port:
            return host, port
    return None, None


def _environment(said: Any) -> dict[str, str]:
    """Read `NAME=value`; a value may hold `=` itself."""
    pairs = [entry.partition("=") for entry in reading.items(said) if isinstance(entry, str)]
    return {name: value for name, equals, value in pairs if equals}
