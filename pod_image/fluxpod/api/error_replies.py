"""Turns whatever goes wrong with a request into an `ErrorReply`."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fluxpod.protocol import ErrorReply
from fluxpod.refusal import RefusalError

log = logging.getLogger(__name__)


def describe_invalid(errors: Sequence[Mapping[str, Any]]) -> str:
    """Given pydantic's errors, return one line that names each field; what was sent is not repeated."""
    return "; ".join(f"{_field(error['loc'])}: {error['msg']}" for error in errors)


def install(app: FastAPI) -> None:
    """Given an app, make every error of it answer with code and message."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RefusalError)  # noqa: S101 (registered for this class alone)
        return _reply(error.status, error.code, error.message)

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for this class alone)
        return _reply(422, "invalid_request", describe_invalid(error.errors()))

    async def unroutable(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this class alone)
        return _reply(error.status_code, f"http_{error.status_code}", error.detail, error.headers)

    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return _reply(500, "unexpected", f"the worker failed to answer: {type(error).__name__}; its log has more")

    app.add_exception_handler(RefusalError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, unroutable)
    app.add_exception_handler(Exception, unexpected)


def _field(location: Sequence[str | int]) -> str:
    names = [str(part) for part in location if part not in ("body", "path", "query", "header")]
    return ".".join(names) or "body"


def _reply(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(ErrorReply(code=code, message=message).model_dump(), status_code=status, headers=headers)
