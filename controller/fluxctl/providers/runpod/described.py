"""Turns what RunPod says of a pod into what fluxctl knows of it: the pod, its keys, its entry in the ledger (pure)."""

from dataclasses import replace

from fluxctl.ledger import RentedPod
from fluxctl.pods.pod import Pod
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.providers.base import PodStateLostError
from fluxctl.providers.pod_keys import PodKeys, public_half
from fluxctl.providers.runpod.naming import NAME
from fluxpod.pod_contract import RUNPOD_POD_ID, ContractError, Limits, PodContract

ALIVE = (RentalState.STARTING, RentalState.RUNNING, RentalState.UNKNOWN)
"""A word that is not known does not mean that it has ended."""


def is_alive(rental: Rental | None) -> bool:
    """Return whether a pod may answer, now or soon."""
    return rental is not None and rental.state in ALIVE


def has_ended(rental: Rental | None) -> bool:
    """Return whether RunPod says that a pod is no more."""
    return rental is None or rental.state is RentalState.GONE


def has_stopped(rental: Rental | None) -> bool:
    """Return whether RunPod says that a pod does not run any more."""
    return has_ended(rental) or (rental is not None and rental.state is RentalState.STOPPED)


def has_address(rental: Rental | None) -> bool:
    """Return whether a pod's container runs, and can be reached."""
    return rental is not None and rental.state is RentalState.RUNNING and None not in (rental.ssh_host, rental.ssh_port)


def contract_of(rental: Rental) -> PodContract:
    """Return what a pod was created with; raise ContractError."""
    return PodContract.from_environment({**rental.environment, RUNPOD_POD_ID: rental.id})


def pod_of(rental: Rental, *, adopted: bool, entry: RentedPod | None = None) -> Pod:
    """Return the pod; raise PodStateLostError when what it was created with cannot be read. `entry`: what the ledger knows of it."""
    try:
        contract = contract_of(rental)
    except ContractError as error:
        raise state_lost(rental.id, str(error)) from error
    model, source, limits = contract.model, contract.model_source, contract.limits
    pod = Pod(rental.id, NAME, contract.created_at, model, source, limits, rental=rental, adopted=adopted)
    was_stopped = entry is not None and entry.started_at > entry.created_at
    return replace(pod, resumed_at=entry.started_at, earlier_cost_usd=entry.earlier_cost_usd) if entry and was_stopped else pod


def keys_of(rental: Rental) -> PodKeys:
    """Return the keys that a pod was created with; raise PodStateLostError when they cannot be read."""
    try:
        contract = contract_of(rental)
    except ContractError as error:
        raise state_lost(rental.id, str(error)) from error
    host_key = public_half(contract.host_key)
    if not host_key:
        raise state_lost(rental.id, "its host key cannot be read")
    return PodKeys(contract.worker_token, host_key)


def own_end_at(rental: Rental) -> float | None:
    """Return when the lifetime ends that a pod was created with; None where that cannot be read."""
    try:
        contract = contract_of(rental)
    except ContractError:
        return None
    return contract.created_at + contract.limits.lifetime_seconds


def entry_of(rental: Rental, account: str, *, now: float, adopted: bool, lifetime_seconds: float | None = None) -> RentedPod:
    """Given a pod and the mark of its account, return its entry for the ledger. `now`: on RunPod's clock."""
    created = now if rental.created_at is None else rental.created_at
    end = own_end_at(rental)
    lifetime = lifetime_seconds or (Limits().lifetime_seconds if end is None else max(0.0, end - created))
    return RentedPod(
        id=rental.id,
        name=rental.name,
        provider=NAME,
        account_id=account,
        gpu_type=rental.gpu_type,
        price_per_hour_usd=rental.price_per_hour_usd,
        created_at=created,
        started_at=created,
        lifetime_seconds=lifetime,
        volume_id=rental.volume_id,
        adopted=adopted,
    )


def state_lost(pod_id: str, why: str) -> PodStateLostError:
    """Given a pod that cannot be described, return the error that says so."""
    return PodStateLostError(f"the pod {pod_id} lives, but what it was made with cannot be read ({why})", hint="fluxctl down")
