"""Follows one job until it ended, and brings each picture home as soon as it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from fluxctl.environment import Environment
from fluxctl.errors import GenerationError
from fluxctl.ledger import Ledger, PictureEntry
from fluxctl.ledger.entries import JobState as Ending
from fluxctl.link.client import WorkerClient
from fluxctl.link.errors import UnknownJobError, WorkerDrainingError, WorkerUnreachableError
from fluxctl.recipe import Recipe, job_request
from fluxctl.services.forecast import Standing, standing
from fluxctl.services.listener import Listener
from fluxctl.services.order import Order
from fluxctl.services.outcome import Made, Outcome
from fluxpod.protocol import (
    CancelledEvent,
    DoneEvent,
    FailedEvent,
    JobState,
    PictureEvent,
    PictureResult,
    QueuedEvent,
    StartedEvent,
    StepEvent,
    TextEvent,
    TextReport,
)

if TYPE_CHECKING:
    from fluxctl.pictures.save import SavedPicture


@dataclass
class Following:
    """What following needs; one for each command."""

    environment: Environment
    client: WorkerClient
    renew: Callable[[], WorkerClient]
    """Brings up another worker when this one is about to end."""
    ledger: Ledger
    listener: Listener
    outcome: Outcome
    recipes: Sequence[Recipe]
    """Of every picture that the whole command brings home."""
    price_per_second_usd: float = 0.0

    def put(self, job_id: str, order: Order) -> None:
        """Put a job, or rejoin it, at a new worker when this one is about to end; raise QueueFullError when no more are taken."""
        request = job_request(order.recipes)
        try:
            self.client.put_job(job_id, request)
        except WorkerDrainingError:
            self.client.close()
            self.client = self.renew()
            self.client.put_job(job_id, request)

    def follow(self, job_id: str, order: Order) -> None:
        """Given a job that the worker has, bring its pictures home and close it in the ledger.

        Raise GenerationError when it failed or was cancelled (what was finished is home) or the worker died (it stays open),
        NotSavedError when a picture could not be saved: the job stays open then, and the picture on the worker.
        """
        try:
            self._follow(job_id, order)
        except WorkerUnreachableError as error:
            if error.code != "worker_died":
                raise
            raise GenerationError(error.message, hint=error.hint, code=error.code) from error

    def _follow(self, job_id: str, order: Order) -> None:
        known = self._known(job_id)
        for event in self.client.events(job_id):
            match event:
                case QueuedEvent(position=position):
                    self.listener.queued(position)
                case StartedEvent():
                    import_module("fluxctl.pictures.save")  # takes a while, and the worker is at work now
                case TextEvent(text=text):
                    self._tell_text(job_id, order, text)
                case StepEvent():
                    self.listener.step(event, self._standing(event, order))
                case PictureEvent(picture=result) if result.index not in known:
                    known.add(result.index)
                    self._bring_home(job_id, order, result)
                case DoneEvent():
                    self.close(job_id, "done")
                case FailedEvent(error=error):
                    self.close(job_id, "failed")
                    raise GenerationError(error.message, code=error.code, hint="the worker's log says more: fluxctl status names it")
                case CancelledEvent():
                    self.close(job_id, "cancelled")
                    raise GenerationError("the job was cancelled; finished pictures were kept", code="cancelled")
                case _:
                    pass

    def collect(self, job_id: str, order: Order) -> None:
        """Bring home what is finished of a job, without waiting for the rest; a job that the worker does not know is left alone."""
        try:
            status = self.client.job(job_id)
        except UnknownJobError:
            return
        for result in status.pictures:
            if result.index not in self._known(job_id):
                self._bring_home(job_id, order, result)
        if status.state.ended:
            self.close(job_id, "done" if status.state is JobState.DONE else "failed" if status.state is JobState.FAILED else "cancelled")

    def close(self, job_id: str, state: Ending) -> None:
        """Note that nothing more comes of a job, and let the worker delete its copy."""
        try:
            self.client.ack(job_id)
        except UnknownJobError:
            self.listener.note(f"the worker has forgotten job {job_id[:8]} already")
        self.ledger.end_job(job_id, state, self.environment.now())

    @property
    def pictures(self) -> int:
        """Return how many pictures the whole command brings home."""
        return len(self.recipes)

    def _standing(self, event: StepEvent, order: Order) -> Standing:
        return standing(event, order.recipes, self.recipes, self.outcome.pictures, self.outcome.cost_usd or 0.0)

    def _tell_text(self, job_id: str, order: Order, text: TextReport) -> None:
        """Tell once how a job's text went into the encoders."""
        if job_id not in self.outcome.texts:
            self.outcome.texts[job_id] = text
            self.listener.text(text, order.recipes[0])

    def _known(self, job_id: str) -> set[int]:
        """Return which pictures of a job are home."""
        return {entry.index for entry in self.ledger.pictures_of(job_id)}

    def _bring_home(self, job_id: str, order: Order, result: PictureResult) -> None:
        """Fetch one picture, save it, and note it."""
        from fluxctl.pictures.save import save_picture

        saved = save_picture(
            self.client.picture(job_id, result),
            result.sha256,
            recipe=order.recipes[result.index],
            plan=result.plan,
            destination=order.destination,
            environment=self.environment,
            job_id=job_id,
        )
        self._note(job_id, order, result, saved)

    def _note(self, job_id: str, order: Order, result: PictureResult, saved: "SavedPicture") -> None:
        """Put a saved picture into the ledger and the outcome, and tell the listener."""
        recipe = order.recipes[result.index]
        identity = order.identities[result.index] if order.identities else None
        cost_usd = self.price_per_second_usd * result.duration_seconds
        self.ledger.add_picture(
            PictureEntry(
                job_id=job_id,
                index=result.index,
                path=saved.path,
                seed=recipe.seed,
                width=result.width,
                height=result.height,
                steps=recipe.steps,
                sha256=result.sha256,
                prompt_typed=recipe.prompt.typed,
                prompt_used=recipe.prompt.used,
                model=recipe.model,
                duration_seconds=result.duration_seconds,
                created_at=saved.created_at,
                cost_usd=cost_usd,
                identity=identity,
            )
        )
        made = Made(job_id, saved.path, recipe, result, self.outcome.texts.get(job_id), identity)
        self.outcome.add(made, cost_usd)
        self.listener.saved(made, len(self.outcome.pictures), self.pictures)
