"""What every message of the API is: requests are strict, replies are read leniently."""

from pydantic import BaseModel, ConfigDict


class Request(BaseModel):
    """Base of what the controller sends: frozen, unknown fields refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """Base of what the worker answers: frozen, unknown fields ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ErrorReply(Reply):
    """Body of every answer from 400 on."""

    code: str
    message: str
