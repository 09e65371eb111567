"""Reports on one picture, from its file."""

import shlex
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.pictures.reading import current_sha256, read_recipe
from fluxctl.pictures.stored import StoredPicture


@dataclass(frozen=True)
class PictureReport:
    """What `show` tells of one file."""

    stored: StoredPicture
    matches: bool | None
    """Whether the pixels are still those that were made; None where saving changed them or no hash is known."""

    @property
    def again(self) -> str:
        """Return the command that makes the picture again."""
        return f"fluxctl gen --from {shlex.quote(str(self.stored.path))}"

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `show --json`."""
        stored = self.stored
        return {
            "path": str(stored.path),
            "format": stored.format or "json",
            "recipe": stored.recipe.model_dump(mode="json"),
            "sha256": stored.sha256,
            "matches": self.matches,
            "plan": stored.plan and stored.plan.model_dump(mode="json"),
            "created_at": stored.created_at,
            "fluxctl": stored.record.fluxctl,
            "again": self.again,
        }


def report_picture(path: str, environment: Environment) -> PictureReport:
    """Given a picture or a JSON file as typed, return what it says; raise UsageError when there is no recipe in it."""
    stored = read_recipe(path, environment)
    found = current_sha256(stored) if stored.sha256 else None
    return PictureReport(stored, None if found is None else found == stored.sha256)
