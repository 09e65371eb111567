"""Decides whether the worker may be started: the contract is whole, and the pod can end itself."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fluxpod import pod_contract as names
from fluxpod.pod_contract import ContractError, PodContract
from fluxpod.runpod_api import RunPodApi

LONGEST_PAUSE_SECONDS = 30.0


@dataclass
class Permission:
    """Until `granted`, the worker does not start; `refusal` says why, empty while that is not known."""

    granted: bool = False
    refusal: str = ""


def ask(variables: Mapping[str, str], changed: Callable[[], None]) -> Permission:
    """Given the environment, return the permission, which may still change; `changed` is called when it does."""
    try:
        contract = PodContract.from_environment(variables)
    except ContractError as error:
        return Permission(refusal=f"the worker is not started: {error}")
    if contract.end_action not in (names.END_TERMINATE, names.END_STOP):
        return Permission(granted=True)
    permission = Permission()
    watcher = threading.Thread(target=_read_itself, args=(RunPodApi.from_environment(variables), permission, changed), daemon=True)
    watcher.start()
    return permission


def _read_itself(api: RunPodApi, permission: Permission, changed: Callable[[], None]) -> None:
    """Try until the pod's key can read the pod: a worker that nobody can end is not to become ready."""
    pause = 1.0
    while problem := api.why_not_readable():
        permission.refusal = f"the worker is not started: the pod's key cannot read the pod, so it could not end it ({problem})"
        changed()
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    permission.refusal = ""
    permission.granted = True
    changed()
