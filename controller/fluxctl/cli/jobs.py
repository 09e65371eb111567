"""`fluxctl jobs`: what was ordered, and what became of it."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluxctl.services.job_list import JobLine


def jobs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many at most, newest first.", min=1, max=10_000)] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the jobs, newest first; a living worker is asked how far it is."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.job_list import list_jobs
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    found = list_jobs(environment, load_settings(environment), limit)
    for note in found.notes:
        sink.warn(note)
    sink.document(found.document())
    if not found.lines:
        sink.say("no jobs yet")
        sink.hint('fluxctl gen "a red circle on a blue background"')
        return
    rows = [_row(line) for line in found.lines]
    sink.table(["job", "when", "state", "pictures", "model", "prompt"], rows)
    if any(line.entry.state == "open" for line in found.lines):
        sink.hint("fluxctl fetch brings home what is open")


def _row(line: "JobLine") -> list[str]:
    entry = line.entry
    pictures = f"{line.pictures_home}/{entry.picture_count}"
    return [entry.id[:8], _when(entry.created_at), line.state, pictures, entry.model, line.prompt]


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
