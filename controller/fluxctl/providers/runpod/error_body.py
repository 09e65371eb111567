"""Reads what an answer's body says went wrong, in the form of either API."""

from collections.abc import Mapping
from typing import Any, cast


def words_and_code(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return the words of an error, and its code; "" where there is none."""
    error = _first(fields)
    if isinstance(error, dict):
        said = cast("dict[str, Any]", error)
        extensions = said.get("extensions")
        code = cast("dict[str, Any]", extensions).get("code") if isinstance(extensions, dict) else ""
        return str(said.get("message") or ""), str(code or "")
    parts = [fields.get(name) for name in ("detail", "title", "error", "message")]
    told = next((part for part in parts if isinstance(part, str) and part), "")
    return ": ".join([told, *([error] if isinstance(error, str) else [])]), ""


def is_of_a_part(fields: Mapping[str, Any]) -> bool:
    """Return whether GraphQL's error is of something inside an answer: an order was carried out then, and what it made cannot be shown."""
    error = _first(fields)
    path = cast("dict[str, Any]", error).get("path") if isinstance(error, dict) else None
    return isinstance(path, list) and len(cast("list[Any]", path)) > 1


def is_problem(fields: Mapping[str, Any]) -> bool:
    """Return whether an answer has the form of REST v2's own errors: what a gateway says has not."""
    return isinstance(fields.get("title"), str) and isinstance(fields.get("detail"), str)


def _first(fields: Mapping[str, Any]) -> Any:
    errors = fields.get("errors")
    return cast("list[Any]", errors)[0] if isinstance(errors, list) and errors else None
