"""Tells where pictures are whose rented pod is gone: on its network volume, or nowhere any more."""

from collections.abc import Sequence

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError
from fluxctl.ledger import JobEntry, Ledger, PodState
from fluxctl.services.choice import RUNPOD
from fluxctl.services.provider import open_provider
from fluxctl.settings.load import Settings


def pod_gone(
    provider: str, entries: Sequence[JobEntry], environment: Environment, settings: Settings, ledger: Ledger
) -> NotReadyError | None:
    """Given open jobs, return what to tell where nothing lives at RunPod that could hand out their pictures; None: go on and fetch.

    A job whose pod had no network volume is closed: its pictures went with the pod.
    """
    if provider != RUNPOD:
        return None
    opened = open_provider(provider, environment, settings)
    if opened.find() is not None:
        return None
    kept = opened.stopped()
    if kept is not None:
        return NotReadyError(
            f"the pod {kept}; what it finished lies there", hint="fluxctl up starts it again and brings it home", code="pod_stopped"
        )
    theirs = [entry for entry in entries if entry.provider == provider]
    lost = [entry for entry in theirs if _is_lost(entry, ledger)]
    for entry in lost:
        ledger.end_job(entry.id, "failed", environment.now())
    if len(lost) < len(theirs) or not theirs:
        why = "no rented pod is there; what one finished lies on its network volume, and fetch rents nothing by itself"
        return NotReadyError(why, hint="fluxctl up rents a pod on that volume and brings it home", code="pod_gone")
    which = ", ".join(entry.id[:8] for entry in theirs)
    why = f"the rented pod is gone and had no network volume: the pictures of {which} that were not brought home are lost"
    return NotReadyError(why, hint="fluxctl init makes a volume for the next ones", code="pictures_lost")


def _is_lost(entry: JobEntry, ledger: Ledger) -> bool:
    """Return whether a job's pictures went with its pod: it is known to be gone, and had no volume."""
    pod = ledger.rentals.pod(entry.pod_id)
    return pod is not None and pod.state is PodState.GONE and pod.volume_id is None
