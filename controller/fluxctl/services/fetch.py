"""Brings home what is finished or still being made, of jobs that no living command follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, GenerationError, UsageError
from fluxctl.ledger import JobEntry, Ledger
from fluxctl.link.client import WorkerClient
from fluxctl.recipe import Recipe
from fluxctl.services.bring_up import bring_up
from fluxctl.services.follower import hold
from fluxctl.services.following import Following
from fluxctl.services.listener import Listener
from fluxctl.services.order import Order
from fluxctl.services.outcome import Outcome
from fluxctl.settings.load import Settings


@dataclass(frozen=True)
class Unfetched:
    """A job of which something may still come home."""

    entry: JobEntry
    order: Order


def unfetched(ledger: Ledger, job: str | None) -> list[Unfetched]:
    """Given the ledger and, if one was named, the beginning of a job's id, return the jobs to fetch, oldest first.

    Raise UsageError for an id that the ledger does not have.
    """
    if job is None:
        entries: Sequence[JobEntry] = ledger.unfinished_jobs()[::-1]
    else:
        entry = ledger.job(job)
        if entry is None:
            raise UsageError(f"there is no job {job!r}", hint="fluxctl jobs lists them", code="unknown_job")
        entries = [entry] if entry.state == "open" else []
    return [Unfetched(entry, _order(entry)) for entry in entries]


@dataclass(frozen=True)
class Fetching:
    """What fetching needs; one for each command."""

    environment: Environment
    settings: Settings
    listener: Listener
    outcome: Outcome
    ledger: Ledger

    def fetch(self, job: str | None) -> None:
        """Bring home every picture of the open jobs (or of the one named), starting the worker again where it is gone.

        Raise GenerationError when a job failed, after the others were fetched.
        """
        failures = list[FluxctlError]()
        jobs = unfetched(self.ledger, job)
        for provider in dict.fromkeys(item.entry.provider for item in jobs):
            failures += self._fetch_from(provider, [item for item in jobs if item.entry.provider == provider])
        if failures:
            raise failures[0]

    def collect(self, client: WorkerClient) -> None:
        """Bring home what a living worker has finished, without waiting for more."""
        jobs = unfetched(self.ledger, None)
        following = self._following(client, lambda: client, jobs)
        for item in jobs:
            with hold(self.environment.paths.state, item.order.follower) as free:
                if free:
                    following.collect(item.entry.id, item.order)

    def _fetch_from(self, provider: str, jobs: Sequence[Unfetched]) -> list[FluxctlError]:
        """Bring home the jobs of one provider; return why some failed."""
        self.outcome.provider, self.outcome.model = provider, jobs[0].entry.model

        def ready() -> WorkerClient:
            first = jobs[0].order.recipes[0]
            worker = bring_up(
                self.environment, self.settings, model=first.model, source=first.source, provider=provider, report=self.listener.phase
            )
            self.outcome.ready_seconds += worker.ready_seconds
            return worker.client

        following = self._following(ready(), ready, jobs)
        try:
            return self.follow(jobs, following)
        finally:
            following.client.close()

    def follow(self, jobs: Sequence[Unfetched], following: Following) -> list[FluxctlError]:
        """Bring home jobs of the worker that is being followed; return why some failed."""
        failures = list[FluxctlError]()
        for item in jobs:
            try:
                self._fetch_one(item, following)
            except GenerationError as error:
                failures.append(error)
                self.listener.warn(f"job {item.entry.id[:8]}: {error.message}")
        return failures

    def _fetch_one(self, item: Unfetched, following: Following) -> None:
        """Follow one job, unless another command does or did."""
        job_id = item.entry.id
        with hold(self.environment.paths.state, item.order.follower) as free:
            entry = self.ledger.job(job_id)
            if not free:
                self.listener.note(f"job {job_id[:8]} is being followed by another fluxctl")
            elif entry is not None and entry.state == "open":
                self.outcome.job_ids.append(job_id)
                following.put(job_id, item.order)
                following.follow(job_id, item.order)

    def _following(self, client: WorkerClient, renew: Callable[[], WorkerClient], jobs: Sequence[Unfetched]) -> Following:
        left = [recipe for item in jobs for recipe in self.not_home(item)]
        return Following(self.environment, client, renew, self.ledger, self.listener, self.outcome, left)

    def not_home(self, item: Unfetched) -> list[Recipe]:
        """Return the recipes of a job's pictures that are still to come."""
        home = {entry.index for entry in self.ledger.pictures_of(item.entry.id)}
        return [recipe for index, recipe in enumerate(item.order.recipes) if index not in home]


def _order(entry: JobEntry) -> Order:
    try:
        return Order.from_ledger(entry.order)
    except ValidationError as error:
        raise UsageError(
            f"what the ledger holds of job {entry.id[:8]} cannot be read", hint="fluxctl jobs", code="damaged_order"
        ) from error
