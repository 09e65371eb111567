"""Finds jobs that a worker holds and this ledger does not know (it was lost or damaged), and writes them into it."""

from collections.abc import Sequence

from fluxctl.environment import Environment
from fluxctl.ledger import JobEntry, Ledger
from fluxctl.link.client import WorkerClient
from fluxctl.pictures.destination import Destination
from fluxctl.pictures.formats import Encoding, format_named
from fluxctl.pictures.places import default_folder
from fluxctl.recipe import PromptText, Recipe
from fluxctl.services.order import Order
from fluxctl.settings.load import Settings
from fluxpod.protocol import JobRequest, JobState, JobStatus


def adopt(client: WorkerClient, provider: str, ledger: Ledger, environment: Environment, settings: Settings) -> Sequence[str]:
    """Given a worker that answers, note its jobs that the ledger does not know and nobody has brought home; return their ids."""
    adopted: list[str] = []
    for status in client.jobs():
        if _is_worth_it(status) and ledger.job(status.id) is None:
            ledger.add_job(_entry(status, provider, environment, settings))
            adopted.append(status.id)
    return adopted


def order_of(request: JobRequest, environment: Environment, settings: Settings) -> Order:
    """Given what a worker was asked for, return the order that brings it home to the default folder, in the default format."""
    pictures = settings.values.pictures
    destination = Destination(
        default_folder(environment, pictures.folder),
        by_day=True,
        suffix=format_named(pictures.format).suffix,
        picture_count=len(request.seeds),
        encoding=Encoding(pictures.metadata, pictures.jpeg_quality, pictures.webp_quality),
    )
    return Order(recipes=tuple(_recipe(request, seed) for seed in request.seeds), destination=destination)


def _is_worth_it(status: JobStatus) -> bool:
    """Return whether something of a job can still come home; one that failed without a picture cannot."""
    return not status.acknowledged and bool(status.pictures or status.state in (JobState.QUEUED, JobState.RUNNING))


def _recipe(request: JobRequest, seed: int) -> Recipe:
    return Recipe(
        model=request.model,
        source=request.source,
        revision=request.revision,
        prompt=PromptText(typed=request.prompt, used=request.prompt),
        clip_prompt=request.clip_prompt,
        width=request.width,
        height=request.height,
        steps=request.steps,
        guidance=request.guidance,
        maximum_sequence_length=request.maximum_sequence_length,
        seed=seed,
        negative_prompt=request.negative_prompt,
        true_cfg=request.true_cfg,
    )


def _entry(status: JobStatus, provider: str, environment: Environment, settings: Settings) -> JobEntry:
    return JobEntry(
        id=status.id,
        provider=provider,
        pod_id=status.pod_id,
        model=status.request.model,
        order=order_of(status.request, environment, settings).to_ledger(),
        created_at=status.created_at,
        picture_count=len(status.request.seeds),
    )
