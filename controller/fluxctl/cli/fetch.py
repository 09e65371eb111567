"""`fluxctl fetch`: brings home pictures that no command is waiting for."""

from typing import Annotated

import typer

from fluxctl.errors import FluxctlError, InterruptedByUser


def fetch(
    context: typer.Context,
    job: Annotated[str | None, typer.Argument(help="A job's id, or how it begins; without it, every open job.", metavar="JOB")] = None,
    out: Annotated[str | None, typer.Option("--out", help="A folder for all, not where each was to go.", metavar="FOLDER")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, also on failure.")] = False,
) -> None:
    """Bring home the pictures of jobs that were left: finished ones at once, the others when they are done.

    Starts the worker again where it is gone and costs nothing; it rents none: fluxctl up does, and brings home what is finished.

    Brings home, too, what a lost ledger has forgotten and the worker still holds.
    """
    from fluxctl.cli.display import Display
    from fluxctl.ledger import Ledger
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.output.sink import Sink
    from fluxctl.services.fetch import Fetching
    from fluxctl.services.fetch_place import fetch_folder
    from fluxctl.services.outcome import Outcome
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink, outcome, begun = Sink(environment, json_mode=json), Outcome(), environment.monotonic()
    try:
        settings = load_settings(environment)
        with Ledger.open(environment) as ledger, ProgressDisplay(sink) as progress:
            for note in ledger.notes:
                sink.warn(note)
            Fetching(environment, settings, Display(progress), outcome, ledger, fetch_folder(out, environment)).fetch(job)
    except FluxctlError as error:
        error.document = outcome.document
        raise
    except KeyboardInterrupt as interrupt:
        problem = InterruptedByUser(
            "interrupted; jobs that were begun go on without you, as long as the worker lives",
            hint="fluxctl fetch brings them home; to stop them: fluxctl down, which ends the worker",
        )
        problem.document = outcome.document
        raise problem from interrupt
    finally:
        outcome.total_seconds = environment.monotonic() - begun
    if not outcome.job_ids:
        sink.say("nothing to fetch: no job is open")
    sink.document(outcome.document())
