"""Saves one picture: verified, with its recipe inside, under a name that did not exist."""

import errno
from dataclasses import dataclass
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import NotSavedError
from fluxctl.pictures.destination import Destination
from fluxctl.pictures.encode import encoded, verified
from fluxctl.pictures.publish import publish
from fluxctl.pictures.record import new_record
from fluxctl.recipe import Recipe
from fluxpod.protocol import EnginePlan

_REMEDIES = {
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there: your quota is used up",
    errno.EACCES: "make it writable",
    errno.EPERM: "make it writable",
    errno.EROFS: "make it writable: it is mounted read-only",
}


@dataclass(frozen=True)
class SavedPicture:
    """One picture that is on this computer's disk."""

    path: Path
    file_bytes: int
    created_at: float
    """Seconds since 1970."""


def save_picture(
    png: bytes,
    expected_sha256: str,
    *,
    recipe: Recipe,
    plan: EnginePlan,
    destination: Destination,
    environment: Environment,
    job_id: str = "",
) -> SavedPicture:
    """Given the worker's PNG, the hash of its pixels and how it was made, save it, and return where; the job's id is for the hint.

    Raise DamagedPictureError if these are not those pixels, NotSavedError if it cannot be saved; it then stays on the worker.
    """
    fetch = f"fluxctl fetch {job_id[:8]}".rstrip()
    now = environment.now()
    try:
        image = verified(png, expected_sha256)
    except NotSavedError as error:
        error.hint = fetch
        raise
    record = new_record(recipe, expected_sha256, plan, now) if destination.encoding.metadata else None
    folder = destination.folder_at(now)
    try:
        content = encoded(png, image, destination.format, record, destination.encoding, environment.home)
        folder.mkdir(parents=True, exist_ok=True)
        path = publish(content, folder, destination.names(folder, recipe.prompt.used, recipe.seed))
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "mend it")
        message = f"the picture could not be saved in {folder}: {error.strerror or error}; it stays on the worker"
        raise NotSavedError(message, hint=f"{remedy}, then: {fetch}") from error
    return SavedPicture(path, len(content), now)
