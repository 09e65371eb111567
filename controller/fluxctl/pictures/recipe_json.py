"""Finds the one recipe in a JSON text: our record, a recipe alone, or what `gen --json` printed."""

import json
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from fluxctl.errors import UsageError
from fluxctl.pictures.record import SCHEMA, PictureRecord, record_from_data


def parsed(text: str | bytes, where: str) -> dict[str, Any]:
    """Given a text and its place, return the JSON object; raise UsageError when it is none."""
    try:
        data: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} is not JSON that can be read: {error}", code="broken_json") from error
    if not isinstance(data, dict):
        raise UsageError(f"{where} holds no JSON object", code="broken_json")
    return cast(dict[str, Any], data)


def record_or_path(data: dict[str, Any], where: str, home: Path) -> PictureRecord | str:
    """Given a JSON object and its place, return the record, or the path of its picture; raise UsageError if it is not one."""
    for name in ("pictures", "recipes"):
        entries: object = data.get(name)
        if "recipe" not in data and isinstance(entries, list) and entries:
            data = _the_one(cast(list[object], entries), where, name)
    if "recipe" not in data and isinstance(path := data.get("path"), str):
        return path
    return record_from(data if "recipe" in data else {"recipe": data}, where, home)


def record_from(data: dict[str, Any], where: str, home: Path) -> PictureRecord:
    """Given the object of a record and its place, return it; raise UsageError, which names the field, when it is none."""
    try:
        return record_from_data(data, home)
    except ValidationError as error:
        schema = data.get("schema", SCHEMA)
        if isinstance(schema, int) and schema > SCHEMA:
            message = f"{where} was written by a newer fluxctl (schema {schema}; this one reads {SCHEMA})"
            raise UsageError(message, hint="update fluxctl", code="newer_schema") from error
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where} holds no recipe of fluxctl: {field}: {first['msg']}", code="no_recipe") from error


def _the_one(entries: list[object], where: str, name: str) -> dict[str, Any]:
    objects = [cast(dict[str, Any], entry) for entry in entries if isinstance(entry, dict)]
    if len(objects) == 1:
        return objects[0]
    paths = [str(entry["path"]) for entry in objects if "path" in entry]
    hint = f"name one of them: {' '.join(paths[:3])}" if paths else "name a file with one"
    raise UsageError(f"{where} holds {len(entries)} {name}, not one", hint=hint, code="several_recipes")
