"""What was found in a picture file, or in a JSON file, about how a picture was made."""

from dataclasses import dataclass
from pathlib import Path

from fluxctl.pictures.formats import PictureFormat
from fluxctl.pictures.record import SCHEMA, PictureRecord
from fluxctl.recipe import Recipe
from fluxpod.protocol import EnginePlan


@dataclass(frozen=True)
class StoredPicture:
    """One recipe and what else its file says; None for what it does not say."""

    path: Path
    format: PictureFormat | None
    """None: a JSON file."""
    record: PictureRecord

    @property
    def recipe(self) -> Recipe:
        """Return what makes the picture again."""
        return self.record.recipe

    @property
    def sha256(self) -> str | None:
        """Return the hash of the pixels that the worker made."""
        return self.record.sha256

    @property
    def plan(self) -> EnginePlan | None:
        """Return how the engine ran."""
        return self.record.plan

    @property
    def created_at(self) -> float | None:
        """Return when the picture was saved, in seconds since 1970."""
        return self.record.created_at

    @property
    def is_from_newer_version(self) -> bool:
        """Return whether a newer fluxctl wrote the record, so that parts of it may be unknown here."""
        return self.record.schema_number > SCHEMA
