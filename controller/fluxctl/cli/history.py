"""`fluxctl history [WORDS]`: the newest pictures, newest first."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluxctl.environment import Environment
    from fluxctl.output.sink import Sink
    from fluxctl.services.history import HistoryLine

_LEAST_PROMPT_COLUMNS = 24


def history(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(help="Each must occur in the prompt, the model, the path or the seed.", metavar="[WORDS]...")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="How many pictures at most.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the pictures that were made here, newest first."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.history import report_history

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    found = report_history(words or [], limit, environment)
    for note in found.notes:
        sink.warn(note)
    sink.document(found.document())
    if found.lines:
        _print_table(found.lines, sink, environment)
    elif not json:
        _say_nothing_found(words or [], sink)


def _print_table(lines: "tuple[HistoryLine, ...]", sink: "Sink", environment: "Environment") -> None:
    """Print one line a picture; on a terminal prompts are cut to what is left of its width, elsewhere they are whole."""
    from fluxctl.output.plain import one_line, shortened, width_of

    columns = ["WHEN", "SEED", "SIZE", "FILE", "PROMPT"]
    rows = [_cells(line) for line in lines]
    if environment.stdout.isatty():
        import shutil

        before = sum(max(width_of(row[place]) for row in [columns, *rows]) + 2 for place in range(4))
        left = max(_LEAST_PROMPT_COLUMNS, shutil.get_terminal_size().columns - before)
        rows = [[*row[:4], shortened(row[4], left)] for row in rows]
    sink.table(columns, [[one_line(cell) for cell in row] for row in rows])


def _cells(line: "HistoryLine") -> list[str]:
    """Given one picture, return the texts of its line."""
    from fluxctl.output.plain import one_line

    entry = line.entry
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.created_at))
    file = str(entry.path) if line.exists else f"{entry.path} (gone)"
    return [when, str(entry.seed), f"{entry.width}x{entry.height}", one_line(file), one_line(entry.prompt_typed)]


def _say_nothing_found(words: list[str], sink: "Sink") -> None:
    """Tell that there is nothing, and what to type next."""
    if words:
        sink.say(f"no picture in the history has {' and '.join(words)}")
        sink.hint("fluxctl history")
    else:
        sink.say("no pictures yet")
        sink.hint('fluxctl gen "a red fox in snow"')
