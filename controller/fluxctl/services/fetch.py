"""Brings home what is finished or still being made, of jobs that no living command follows."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, GenerationError, NotSavedError, UsageError
from fluxctl.ledger import JobEntry, Ledger
from fluxctl.link.client import WorkerClient
from fluxctl.link.errors import UnknownJobError
from fluxctl.recipe import Recipe
from fluxctl.services.adoption import adopt, order_of
from fluxctl.services.bring_up import bring_up
from fluxctl.services.follower import hold
from fluxctl.services.following import Following
from fluxctl.services.listener import Listener
from fluxctl.services.order import Order, read_order
from fluxctl.services.outcome import Outcome
from fluxctl.services.pod_gone import pod_gone
from fluxctl.services.strays import first_model, strays
from fluxctl.settings.load import Settings


@dataclass(frozen=True)
class OpenJob:
    """A job of which something may still come home, and its order."""

    entry: JobEntry
    order: Order


def open_jobs(ledger: Ledger) -> list[OpenJob]:
    """Return the open jobs whose order the ledger can tell, oldest first."""
    found = [(entry, read_order(entry.order)) for entry in reversed(ledger.unfinished_jobs())]
    return [OpenJob(entry, order) for entry, order in found if order is not None]


@dataclass(frozen=True)
class Fetching:
    """What fetching needs; one for each command."""

    environment: Environment
    settings: Settings
    listener: Listener
    outcome: Outcome
    ledger: Ledger
    folder: Path | None = None
    """Where every picture goes; None: where its job was to go."""
    _failures: list[FluxctlError] = field(default_factory=list[FluxctlError])

    def fetch(self, job: str | None) -> None:
        """Bring home every picture of the open jobs (or of the one named), starting the worker again where it is gone; also of jobs
        that only the worker knows.

        A job that fails, or that cannot be saved, does not stop the others: the first error is raised at the end. Raise UsageError
        for an id that nobody knows.
        """
        lost = strays(self.environment, self.settings, self.ledger, job or "")
        known = self.ledger.unfinished_jobs()[::-1] if job is None else self._named(job, maybe_stray=bool(lost))
        for provider in dict.fromkeys([*(entry.provider for entry in known), *lost]):
            gone = pod_gone(provider, known, self.environment, self.settings, self.ledger)
            if gone is not None:
                self._failures.append(gone)
                self.listener.warn(gone.message)
                continue
            self._fetch_from(provider, job, adopting=provider in lost)
        if job is not None:
            self._named(job, maybe_stray=False)
        self.raise_failure()

    def raise_failure(self) -> None:
        """Raise the first thing that went wrong with a job, if anything did."""
        if self._failures:
            raise self._failures[0]

    def follow(self, jobs: Sequence[OpenJob], following: Following) -> None:
        """Bring home jobs of the worker that is being followed; what goes wrong with one of them is said, and does not stop the others."""
        for job in jobs:
            self._guarded(job.entry, lambda job=job: self._fetch_one(job.entry, following))

    def not_home(self, entries: Sequence[JobEntry]) -> list[Recipe]:
        """Return the recipes of the pictures of these jobs that are still to come, as far as the ledger knows them."""
        left = list[Recipe]()
        for entry in entries:
            order = read_order(entry.order)
            home = {picture.index for picture in self.ledger.pictures_of(entry.id)}
            left += [recipe for index, recipe in enumerate(order.recipes if order else ()) if index not in home]
        return left

    def collect(self, client: WorkerClient, provider: str, leaving: Collection[str] = frozenset()) -> None:
        """Bring home what the provider's living worker has finished, without waiting for more; what cannot be saved stays there.
        `leaving`: jobs that are left alone."""
        adopt(client, provider, self.ledger, self.environment, self.settings)
        open_here = [entry for entry in self.ledger.unfinished_jobs()[::-1] if entry.provider == provider]
        entries = [entry for entry in open_here if entry.id not in leaving]
        following = self._following(client, lambda: client, entries)
        for entry in entries:
            self._guarded(entry, lambda entry=entry: self._collect_one(entry, following))

    def _named(self, job: str, *, maybe_stray: bool) -> list[JobEntry]:
        """Return the job of that name if it is open, nothing if it has ended; raise UsageError when the ledger does not have it."""
        entry = self.ledger.job(job)
        if entry is None and not maybe_stray:
            raise UsageError(f"there is no job {job!r}", hint="fluxctl jobs lists them", code="unknown_job")
        return [entry] if entry is not None and entry.state == "open" else []

    def _open_jobs(self, provider: str, job: str | None) -> list[JobEntry]:
        """Return the provider's open jobs, oldest first."""
        entries = self.ledger.unfinished_jobs()[::-1] if job is None else self._named(job, maybe_stray=True)
        return [entry for entry in entries if entry.provider == provider]

    def _fetch_from(self, provider: str, job: str | None, *, adopting: bool) -> None:
        """Bring home the jobs of one provider."""
        entries = self._open_jobs(provider, job)
        model, source = first_model(entries, provider, self.environment, self.settings)
        self.outcome.provider, self.outcome.model = provider, model

        def ready() -> WorkerClient:
            worker = bring_up(self.environment, self.settings, model=model, source=source, provider=provider, report=self.listener.phase)
            self.outcome.ready_seconds += worker.ready_seconds
            for note in worker.notes:
                self.listener.note(note)
            return worker.client

        following = self._following(ready(), ready, entries)
        try:
            if adopting:
                found = adopt(following.client, provider, self.ledger, self.environment, self.settings)
                if found:
                    self.listener.note(f"{len(found)} jobs that the ledger has lost are taken up; their pictures go to the default folder")
                entries = self._open_jobs(provider, job)
                following.recipes = self.not_home(entries)
            for number, entry in enumerate(entries):
                problem = self._guarded(entry, lambda entry=entry: self._fetch_one(entry, following))
                if problem is not None and problem.code == "worker_died" and number + 1 < len(entries):
                    following.client.close()
                    following.client = ready()
        finally:
            following.client.close()

    def _guarded(self, entry: JobEntry, bring_home: Callable[[], None]) -> FluxctlError | None:
        """Do something for one job; what goes wrong with this job alone is said, kept for the end, and returned."""
        try:
            bring_home()
        except GenerationError as error:
            if error.code == "cancelled":
                self.listener.note(f"job {entry.id[:8]} was cancelled; its finished pictures are home")
                return None
            return self._failed(entry, error)
        except NotSavedError as error:
            error.hint = f"{error.hint}; or to another place: fluxctl fetch {entry.id[:8]} --out FOLDER".removeprefix("; or ")
            return self._failed(entry, error)
        except UsageError as error:
            return self._failed(entry, error)
        return None

    def _failed(self, entry: JobEntry, error: FluxctlError) -> FluxctlError:
        self._failures.append(error)
        self.listener.warn(f"job {entry.id[:8]}: {error.message}")
        return error

    def _fetch_one(self, entry: JobEntry, following: Following) -> None:
        """Follow one job, unless another command does or did."""
        order = self._order(entry, following.client)
        with hold(self.environment.paths.state, order.follower or entry.id) as free:
            now = self.ledger.job(entry.id)
            if not free:
                self.listener.note(f"job {entry.id[:8]} is being followed by another fluxctl")
            elif now is not None and now.state == "open":
                self.outcome.job_ids.append(entry.id)
                following.put(entry.id, order)
                following.follow(entry.id, order)

    def _collect_one(self, entry: JobEntry, following: Following) -> None:
        """Bring home what is finished of one job, unless another command follows it."""
        order = self._order(entry, following.client)
        with hold(self.environment.paths.state, order.follower or entry.id) as free:
            if free:
                following.collect(entry.id, order)

    def _order(self, entry: JobEntry, client: WorkerClient) -> Order:
        """Return a job's order, the worker's knowledge where the ledger's is damaged; raise UsageError where neither has it."""
        order = read_order(entry.order)
        if order is None:
            try:
                order = order_of(client.job(entry.id).request, self.environment, self.settings)
            except UnknownJobError as error:
                self.ledger.end_job(entry.id, "failed", self.environment.now())
                why = f"the ledger's record of job {entry.id[:8]} is damaged, and the worker does not know it; the job is given up"
                raise UsageError(why, hint="fluxctl jobs", code="damaged_order") from error
        if self.folder is None:
            return order
        return order.model_copy(update={"destination": replace(order.destination, folder=self.folder, by_day=False)})

    def _following(self, client: WorkerClient, renew: Callable[[], WorkerClient], entries: Sequence[JobEntry]) -> Following:
        return Following(self.environment, client, renew, self.ledger, self.listener, self.outcome, self.not_home(entries))
