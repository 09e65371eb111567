"""Routes of the worker itself: health, idle facts, keep, drain."""

from fastapi import APIRouter

from fluxpod import identity
from fluxpod.jobs.intake import Intake
from fluxpod.protocol import DrainRequest, Health, Idle, KeepRequest, Phase, source_hash
from fluxpod.standing import Standing


def worker_routes(intake: Intake, standing: Standing, pod_id: str) -> APIRouter:
    """Given what the worker knows of itself, return its routes."""
    router = APIRouter(prefix="/v1")
    version, running_sources = identity.version(), source_hash()

    @router.get("/health")
    async def health() -> Health:  # pyright: ignore[reportUnusedFunction]
        now, ending_seconds = standing.now, intake.ending_seconds
        return Health(
            phase=now.phase if ending_seconds is None else Phase.DRAINING,
            detail=now.detail,
            seconds_in_phase=standing.seconds_in_phase if ending_seconds is None else ending_seconds,
            bytes_done=now.bytes_done,
            bytes_total=now.bytes_total,
            version=version,
            source_hash=running_sources,
            features=identity.FEATURES,
            pod_id=pod_id,
            model=now.model,
            plan=now.plan,
        )

    @router.get("/idle")
    def idle() -> Idle:  # pyright: ignore[reportUnusedFunction]
        return intake.idle(standing.now.phase)

    @router.post("/keep")
    def keep(request: KeepRequest) -> Idle:  # pyright: ignore[reportUnusedFunction]
        intake.keep(request.seconds)
        return intake.idle(standing.now.phase)

    @router.post("/drain")
    def drain(request: DrainRequest) -> Idle:  # pyright: ignore[reportUnusedFunction]
        intake.drain(request.activity_seen)
        return intake.idle(standing.now.phase)

    return router
