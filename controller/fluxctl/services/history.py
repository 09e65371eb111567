"""Reports on the pictures that were made, from the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.ledger import Ledger, PictureEntry


@dataclass(frozen=True)
class HistoryLine:
    """What `history` tells of one picture."""

    entry: PictureEntry
    exists: bool
    """Whether the file is still where it was saved."""

    def document(self) -> dict[str, Any]:
        """Return the picture's part of the JSON object of `history --json`."""
        entry = self.entry
        return {
            "created_at": entry.created_at,
            "job_id": entry.job_id,
            "path": str(entry.path),
            "exists": self.exists,
            "seed": entry.seed,
            "width": entry.width,
            "height": entry.height,
            "steps": entry.steps,
            "sha256": entry.sha256,
            "model": entry.model,
            "prompt": {"typed": entry.prompt_typed, "used": entry.prompt_used, "enhanced": entry.prompt_typed != entry.prompt_used},
            "duration_seconds": entry.duration_seconds,
            "cost_usd": entry.cost_usd,
        }


@dataclass(frozen=True)
class History:
    """The newest pictures, and what happened to the ledger while it was read."""

    lines: tuple[HistoryLine, ...]
    notes: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `history --json`."""
        return {"pictures": [line.document() for line in self.lines]}


def report_history(words: Sequence[str], limit: int, environment: Environment) -> History:
    """Given words that must all occur and how many pictures at most, return the newest; raise SettingsError, LedgerError."""
    with Ledger.open(environment) as ledger:
        entries = ledger.history(words, limit)
        notes = tuple(ledger.notes)
    return History(tuple(HistoryLine(entry, _exists(entry)) for entry in entries), notes)


def _exists(entry: PictureEntry) -> bool:
    try:
        return entry.path.exists()
    except OSError:
        return False
