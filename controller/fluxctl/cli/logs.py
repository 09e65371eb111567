"""`fluxctl logs`: what worker or watchdog have written down."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options
from fluxctl.errors import UsageError

if TYPE_CHECKING:
    from fluxctl.output.sink import Sink
    from fluxctl.services.logs import Logs


def logs(
    context: typer.Context,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, max=100_000, help="How many of the last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with each new line, until Ctrl-C or the worker's end.")] = False,
    watchdog: Annotated[bool, typer.Option("--watchdog", help="The watchdog's log, not the worker's.")] = False,
    system: Annotated[bool, typer.Option("--system", help="What RunPod writes of a rented pod: pulling its image, starting it.")] = False,
    provider: options.Provider = None,
    json: options.Json = False,
) -> None:
    """Show the log of the worker that runs, or of the one that ran last; a worker that is down is explained."""
    from fluxctl.output.plain import one_line
    from fluxctl.output.sink import Sink
    from fluxctl.providers.base import Log
    from fluxctl.services.fallback import settings_or_defaults
    from fluxctl.services.logs import open_logs
    from fluxctl.services.provider import chosen

    if follow and json:
        raise UsageError("--follow has no end, and --json is one object", hint="leave one of them out", code="flags_conflict")
    if watchdog and system:
        raise UsageError("one log at a time: --watchdog and --system were given", hint="leave one of them out", code="flags_conflict")
    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings, warnings = settings_or_defaults(environment)
    for warning in warnings:
        sink.warn(warning)
    choice = chosen(provider, environment, settings, sink.warn)
    sink.say(f"provider {choice.name} ({choice.because})")
    which = Log.WATCHDOG if watchdog else Log.SYSTEM if system else Log.WORKER
    found = open_logs(environment, settings, provider=choice.name, which=which)
    if follow:
        for line in found.followed(lines):
            sink.line(one_line(line))
        return
    _print(found, lines, sink)


def _print(found: "Logs", lines: int, sink: "Sink") -> None:
    """Print the end of the log, and what the pod says of a worker that is down."""
    from fluxctl.output.plain import one_line

    tail, down = found.tail(lines), found.down()
    sink.document(found.document(tail, down))
    for line in tail.lines:
        sink.line(one_line(line))
    if down is not None:
        sink.say(f"worker   {down.state}: {down.detail}")
    if tail.path:
        sink.say(f"log      {tail.path}")
    elif not tail.lines:
        sink.say("nothing has run here yet")
        sink.hint("fluxctl up, or fluxctl gen PROMPT")
