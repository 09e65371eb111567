"""Puts the worker's HTTP application together."""

from fastapi import FastAPI

from fluxpod.api import error_replies
from fluxpod.api.bearer import BearerToken
from fluxpod.api.job_routes import job_routes
from fluxpod.api.worker_routes import worker_routes
from fluxpod.jobs.intake import Intake
from fluxpod.standing import Standing


def create_app(intake: Intake, standing: Standing, pod_id: str, token: str) -> FastAPI:
    """Given the jobs, the worker's standing and the token to ask for, return the application."""
    app = FastAPI(openapi_url=None)
    app.include_router(job_routes(intake))
    app.include_router(worker_routes(intake, standing, pod_id))
    error_replies.install(app)
    app.add_middleware(BearerToken, token=token)
    return app
