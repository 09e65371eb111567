"""What a picture of ours says about itself: the JSON under the key `fluxctl` in its file."""

import json
from pathlib import Path, PurePath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fluxctl import __version__
from fluxctl.recipe import Recipe
from fluxpod.protocol import EnginePlan

SCHEMA = 1
"""Version of the JSON; a change that a reader cannot ignore raises it."""


class PictureRecord(BaseModel):
    """How a picture was made. Unknown fields are ignored, so that a newer file can be read."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    schema_number: int = Field(default=SCHEMA, alias="schema")
    fluxctl: str | None = None
    """Version that wrote the record."""
    recipe: Recipe
    sha256: str | None = None
    """Of the pixels that the worker made: `protocol.pixels_sha256`."""
    plan: EnginePlan | None = None
    created_at: float | None = None
    """When the picture was saved, in seconds since 1970."""


def new_record(recipe: Recipe, sha256: str, plan: EnginePlan, now: float) -> PictureRecord:
    """Given what made a picture, its hash and the time, return its record."""
    return PictureRecord(fluxctl=__version__, recipe=recipe, sha256=sha256, plan=plan, created_at=now)


def record_to_json(record: PictureRecord, home: Path) -> str:
    """Given a record and the user's home, return a line of ASCII JSON; home, which names the user, is written `~` in a model's folder."""
    data = record.model_dump(mode="json", by_alias=True)
    data["recipe"]["source"] = _without_home(record.recipe.source, home)
    return json.dumps(data, separators=(",", ":"))


def record_from_data(data: dict[str, Any], home: Path) -> PictureRecord:
    """Given the JSON's object and the user's home, return the record; raise pydantic.ValidationError when it is none of ours."""
    record = PictureRecord.model_validate(data)
    source = record.recipe.source
    if not source.startswith("~/"):
        return record
    return record.model_copy(update={"recipe": record.recipe.model_copy(update={"source": str(home / source[2:])})})


def _without_home(source: str, home: Path) -> str:
    path = PurePath(source)
    if path.is_absolute() and path.is_relative_to(home) and path != home:
        return f"~/{path.relative_to(home).as_posix()}"
    return source
