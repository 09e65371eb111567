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
    provider: options.WhichProvider = None,
    json: options.Json = False,
) -> None:
    """Show the log of the worker that runs, or of the one that ran last; a worker that is down is explained.

    The log of a rented pod goes with the pod.
    """
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
        _follow(found, lines, sink)
        return
    _print(found, lines, sink)


def _follow(found: "Logs", lines: int, sink: "Sink") -> None:
    """Print the log as it grows, and say when nothing writes it any more."""
    from fluxctl.output.plain import one_line

    is_empty = True
    for line in found.followed(lines):
        is_empty = False
        sink.line(one_line(line))
    if is_empty:
        sink.say("nothing is running, so there is no log to follow")
        sink.hint("fluxctl up, or fluxctl gen PROMPT")
    else:
        sink.say("the log ends here: its pod runs no more")


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
        sink.say("no rented pod runs; the log of one that is gone went with it" if found.is_rented else "nothing has run here yet")
        sink.hint("fluxctl up, or fluxctl gen PROMPT")
