"""Makes pictures: puts one job for each prompt, follows them all, and cancels what is left when it is interrupted."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, GenerationError, InterruptedByUser
from fluxctl.ledger import JobEntry, Ledger
from fluxctl.link.errors import QueueFullError, UnknownJobError
from fluxctl.pods.pod import Pod
from fluxctl.services.follower import follower
from fluxctl.services.following import Following
from fluxctl.services.order import Order

SECONDS_BETWEEN_TRIES = 1.0
"""How often a full queue is asked again, when no job of ours can be followed meanwhile."""


@dataclass(frozen=True)
class Placed:
    """A job that stands in the ledger."""

    id: str
    order: Order


def generate(orders: Sequence[Order], pod: Pod, following: Following, ledger: Ledger) -> None:
    """Given one order for each prompt and a ready worker, bring all pictures home; `following.outcome` tells what came of it.

    Every order is in the ledger before the worker hears of it. A job that fails does not stop the others: GenerationError
    is raised at the end. On Ctrl-C the jobs are cancelled, what is finished comes home, and InterruptedByUser is raised.
    """
    with follower(following.environment.paths.state) as name:
        placed = [Placed(uuid.uuid4().hex, order.model_copy(update={"follower": name})) for order in orders]
        try:
            for job in placed:
                ledger.add_job(_entry(job, pod, following.environment))
                following.outcome.job_ids.append(job.id)
            _place_and_follow(placed, following)
        except KeyboardInterrupt as interrupt:
            _cancel(placed, following, ledger)
            raise InterruptedByUser(_interrupted(following), hint="the worker stays warm; end it with: fluxctl down") from interrupt


def _place_and_follow(placed: Sequence[Placed], following: Following) -> None:
    """Put as many jobs as the queue takes, follow the oldest, and so on; raise GenerationError at the end if any failed."""
    waiting, failures = list(placed), list[FluxctlError]()
    running: list[Placed] = []
    while waiting or running:
        while waiting and _put(waiting[0], following):
            running.append(waiting.pop(0))
        if not running:
            following.environment.sleep(SECONDS_BETWEEN_TRIES)
            continue
        job = running.pop(0)
        try:
            following.follow(job.id, job.order)
        except GenerationError as error:
            failures.append(error)
            if len(placed) > 1:
                following.listener.warn(f"{job.order.recipes[0].prompt.typed!r}: {error.message}")
    if failures:
        raise failures[0] if len(placed) == 1 else _several(failures, len(placed))


def _put(job: Placed, following: Following) -> bool:
    """Put a job; return False when the queue is full."""
    try:
        following.put(job.id, job.order)
    except QueueFullError:
        return False
    return True


def _cancel(placed: Sequence[Placed], following: Following, ledger: Ledger) -> None:
    """Cancel what is still open and bring home what was finished; whatever cannot be reached stays open for `fetch`."""
    following.listener.warn("cancelling; Ctrl-C again leaves at once")
    open_ids = {entry.id for entry in ledger.unfinished_jobs()}
    left = [job for job in placed if job.id in open_ids]
    for job in [job for job in reversed(left) if _cancel_one(job, following, ledger)][::-1]:
        try:
            following.follow(job.id, job.order)
        except GenerationError:
            continue
        except FluxctlError as error:
            following.listener.warn(f"job {job.id[:8]} is left for `fluxctl fetch`: {error.message}")


def _cancel_one(job: Placed, following: Following, ledger: Ledger) -> bool:
    """Cancel a job; return whether the worker has anything of it."""
    try:
        following.client.cancel(job.id)
    except UnknownJobError:
        ledger.end_job(job.id, "cancelled", following.environment.now())
        return False
    except FluxctlError as error:
        following.listener.warn(f"job {job.id[:8]} could not be cancelled: {error.message}")
    return True


def _entry(job: Placed, pod: Pod, environment: Environment) -> JobEntry:
    return JobEntry(
        id=job.id,
        provider=pod.provider,
        pod_id=pod.id,
        model=job.order.recipes[0].model,
        order=job.order.to_ledger(),
        created_at=environment.now(),
        picture_count=len(job.order.recipes),
    )


def _interrupted(following: Following) -> str:
    kept = len(following.outcome.pictures)
    return f"interrupted; {kept} of {following.pictures} pictures are finished and kept"


def _several(failures: Sequence[FluxctlError], jobs: int) -> GenerationError:
    first = failures[0]
    return GenerationError(f"{len(failures)} of {jobs} prompts failed; the first: {first.message}", hint=first.hint, code=first.code)
