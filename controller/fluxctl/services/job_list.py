"""Lists jobs: the ledger's, with what a living worker says of those that are open."""

from contextlib import closing
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.ledger import JobEntry, Ledger
from fluxctl.services.outcome import SCHEMA
from fluxctl.services.provider import open_provider
from fluxctl.settings.load import Settings

LONGEST_PROMPT_CHARACTERS = 60
"""In the table; the JSON has it whole."""


@dataclass(frozen=True)
class JobLine:
    """One job."""

    entry: JobEntry
    state: str
    """The ledger's `open`, `done`, `failed`, `cancelled`; for an open one what the worker says, if it is asked: `queued`, `running`, …"""
    pictures_home: int

    @property
    def prompt(self) -> str:
        """Return the prompt in one line, cut to what a table can hold."""
        text = " ".join(self.whole_prompt.split())
        return text if len(text) <= LONGEST_PROMPT_CHARACTERS else f"{text[: LONGEST_PROMPT_CHARACTERS - 1]}…"

    @property
    def whole_prompt(self) -> str:
        """Return the prompt as typed; "" where the ledger's record of it is damaged."""
        try:
            return str(self.entry.order["recipes"][0]["prompt"]["typed"])
        except (KeyError, IndexError, TypeError):
            return ""

    def document(self) -> dict[str, Any]:
        """Return the job's part of the JSON object."""
        entry = self.entry
        return {
            "id": entry.id,
            "state": self.state,
            "provider": entry.provider,
            "model": entry.model,
            "prompt": self.whole_prompt,
            "pictures": entry.picture_count,
            "pictures_home": self.pictures_home,
            "created_at": entry.created_at,
            "ended_at": entry.ended_at,
        }


@dataclass(frozen=True)
class JobLines:
    """The newest jobs."""

    lines: tuple[JobLine, ...]
    notes: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `jobs --json`."""
        return {"schema": SCHEMA, "jobs": [line.document() for line in self.lines], "error": None}


def list_jobs(environment: Environment, settings: Settings, limit: int) -> JobLines:
    """Return the newest `limit` jobs, newest first; a worker that does not answer is not waited for."""
    with Ledger.open(environment) as ledger:
        entries = ledger.jobs(limit)
        counts = {entry.id: len(ledger.pictures_of(entry.id)) for entry in entries}
        notes = tuple(ledger.notes)
    open_entries = [entry for entry in entries if entry.state == "open"]
    states = _worker_states(environment, settings, open_entries) if open_entries else {}
    return JobLines(tuple(JobLine(entry, states.get(entry.id, entry.state), counts[entry.id]) for entry in entries), notes)


def _worker_states(environment: Environment, settings: Settings, entries: list[JobEntry]) -> dict[str, str]:
    """Return what the living workers say of these jobs; nothing for those that nobody answers for."""
    states: dict[str, str] = {}
    for name in {entry.provider for entry in entries}:
        try:
            provider = open_provider(name, environment, settings)
            pod = provider.find()
            if pod is None:
                continue
            with closing(provider.connect(pod)) as client:
                known = {status.id: str(status.state) for status in client.jobs()}
        except FluxctlError:
            continue
        states |= {entry.id: known[entry.id] for entry in entries if entry.id in known and entry.provider == name}
    return states
