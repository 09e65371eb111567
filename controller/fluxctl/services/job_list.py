"""Lists jobs: the ledger's, with what a living worker says of those that are open."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.ledger import JobEntry, Ledger
from fluxctl.link.client import WorkerClient
from fluxctl.link.errors import UnknownJobError
from fluxctl.services.outcome import SCHEMA
from fluxctl.services.provider import open_provider
from fluxctl.settings.load import Settings
from fluxpod.protocol import JobState

LONGEST_PROMPT_CHARACTERS = 60
"""In the table; the JSON has it whole."""
TO_FETCH = "to fetch"
"""Shown for a job that is done at the worker and still open here."""
MOST_UNFINISHED = 200
"""This many of the worker's unfinished jobs are asked for."""
MOST_ASKED_ONE_BY_ONE = 50
"""Open jobs that the worker has not in work are asked for singly, the newest first, as far as this."""


@dataclass(frozen=True)
class JobLine:
    """One job."""

    entry: JobEntry
    worker_state: JobState | None
    """What a living worker says of a job that is open here; None: nobody was asked, or knows it."""
    pictures_home: int

    @property
    def state(self) -> str:
        """Return the state for people: the ledger's, or where the job is open, what the worker says."""
        if self.worker_state is None:
            return self.entry.state
        return TO_FETCH if self.worker_state is JobState.DONE else str(self.worker_state)

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
            "state": entry.state,
            "worker_state": self.worker_state and str(self.worker_state),
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
    return JobLines(tuple(JobLine(entry, states.get(entry.id), counts[entry.id]) for entry in entries), notes)


def _worker_states(environment: Environment, settings: Settings, entries: Sequence[JobEntry]) -> dict[str, JobState]:
    """Return what the living workers say of these jobs; nothing for those that nobody answers for."""
    states: dict[str, JobState] = {}
    for name in {entry.provider for entry in entries}:
        try:
            provider = open_provider(name, environment, settings)
            pod = provider.find()
            if pod is None:
                continue
            with closing(provider.connect(pod)) as client:
                _ask(client, [entry.id for entry in entries if entry.provider == name], states)
        except FluxctlError:
            continue
    return states


def _ask(client: WorkerClient, job_ids: Sequence[str], states: dict[str, JobState]) -> None:
    """Add to `states` what a worker says of these jobs; what a worker takes for it does not grow with the jobs that it keeps."""
    unfinished = client.jobs((JobState.QUEUED, JobState.RUNNING), MOST_UNFINISHED, quick=True)
    states |= {status.id: status.state for status in unfinished if status.id in job_ids}
    for job_id in [job_id for job_id in job_ids if job_id not in states][:MOST_ASKED_ONE_BY_ONE]:
        try:
            states[job_id] = client.job(job_id, quick=True).state
        except UnknownJobError:
            continue
