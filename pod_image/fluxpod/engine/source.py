"""Finds the folder of a model: embedded, on this machine, or a snapshot of a hub repository."""

import re
from collections.abc import Callable
from pathlib import Path

from fluxpod.engine.failure import EngineError
from fluxpod.engine.hub import download

EMBEDDED = "embedded"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_INDEX = "model_index.json"


def is_hub_id(source: str) -> bool:
    """Given a source, return whether it names a hub repository."""
    return source != EMBEDDED and not source.startswith("/") and _HUB_ID.fullmatch(source) is not None


def model_folder(source: str, revision: str | None, cache: Path, downloaded: Callable[[int, int | None], None]) -> Path:
    """Given a source, return a folder for `FluxPipeline.from_pretrained`; raise EngineError when there is none.

    `downloaded` is told now and then how many bytes of a download are here, and of how many.
    """
    if source == EMBEDDED:
        from fluxpod.embedded.folder import embedded_model_folder

        return embedded_model_folder(cache)
    if is_hub_id(source):
        return download(source, revision, downloaded)
    folder = Path(source)
    if not folder.is_absolute():
        raise EngineError("bad_source", f"{source!r} is neither 'embedded', nor a hub id, nor an absolute folder")
    if not (folder / _INDEX).is_file():
        raise EngineError("model_missing", f"{folder} holds no diffusers model (no {_INDEX})")
    return folder
