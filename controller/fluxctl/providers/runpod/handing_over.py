"""Decides what a rented pod is handed at its creation: limits, keys, tag, tokens (pure)."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from fluxctl.pods.pod import PodPlan
from fluxctl.pods.rental import Rental
from fluxpod.pod_contract import DEFAULT_PORT, POD_ID, PodContract

HUB_TOKEN = "HF_TOKEN"  # noqa: S105 - a variable's name


@dataclass(frozen=True)
class NewKeys:
    """What is made for one pod alone, and who may log in."""

    worker_token: str = field(repr=False)
    host_key: str = field(repr=False)
    """Private."""
    public_key: str
    """Of the user."""


def contract_for(plan: PodPlan, owner: str, keys: NewKeys, *, now: float, end_action: str) -> PodContract:
    """Given a plan and all that is new, return what the pod is handed; RunPod names it later. `now`: on RunPod's clock."""
    limits = replace(plan.limits, lifetime_seconds=plan.rent.lifetime_seconds) if plan.rent else plan.limits
    return PodContract(
        pod_id="",
        worker_token=keys.worker_token,
        created_at=now,
        model=plan.model,
        model_source=plan.source,
        end_action=end_action,
        root=Path("/"),
        limits=limits,
        port=DEFAULT_PORT,
        queue_limit=plan.queue_limit,
        keep_results_seconds=plan.keep_results_seconds,
        owner_id=owner,
        public_key=keys.public_key,
        host_key=keys.host_key,
    )


def knows_hub_token(rental: Rental | None, token: str, *, is_kept_there: bool) -> bool:
    """Return whether a pod was handed this token; a secret that RunPod keeps (`is_kept_there`) is taken for the right one."""
    said = rental.environment.get(HUB_TOKEN, "") if rental is not None else ""
    return said == token or (bool(said) and is_kept_there)


def variables_of(contract: PodContract, *, hub_token: str | None, hub_secret: str | None) -> dict[str, str]:
    """Given the contract, the token for downloads and the name under which RunPod keeps it (None: it does not), return the variables."""
    given = {name: value for name, value in contract.to_environment().items() if name != POD_ID}
    if hub_secret:
        return {**given, HUB_TOKEN: f"{{{{ RUNPOD_SECRET_{hub_secret} }}}}"}
    return {**given, HUB_TOKEN: hub_token} if hub_token else given
