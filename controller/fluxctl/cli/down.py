"""`fluxctl down`: ends the worker, after what is finished was brought home."""

from typing import TYPE_CHECKING

import typer

from fluxctl.cli import options
from fluxctl.errors import InterruptedByUser

if TYPE_CHECKING:
    from fluxctl.cli.display import Display
    from fluxctl.environment import Environment
    from fluxctl.output.sink import Sink
    from fluxctl.services.shut_down import Ended
    from fluxctl.settings.load import Settings


def down(context: typer.Context, provider: options.Provider = None, json: options.Json = False) -> None:
    """End the worker: the running picture is finished, pictures that are done are brought home, queued jobs stay for later."""
    from fluxctl.cli.display import Display
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.output.sink import Sink
    from fluxctl.services.choice import choose_provider
    from fluxctl.services.fallback import settings_or_defaults
    from fluxctl.services.shut_down import tidy_others, what_lives

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings, warnings = settings_or_defaults(environment)
    for warning in warnings:
        sink.warn(warning)
    choice = choose_provider(provider, settings.values.provider, [] if provider else what_lives(environment, settings))
    sink.say(f"provider {choice.name} ({choice.because})")
    try:
        with ProgressDisplay(sink) as progress:
            ended = _shut_down(environment, settings, choice.name, Display(progress))
    except KeyboardInterrupt as interrupt:
        raise InterruptedByUser("interrupted; the worker may still run", hint="fluxctl status") from interrupt
    for note in ended.notes:
        sink.warn(note)
    tidy_others(environment, settings, choice.name)
    _tell(sink, ended)
    pod = ended.pod and {"id": ended.pod.id, "created_at": ended.pod.created_at}
    document = {"schema": 1, "provider": choice.name, "ended": ended.anything, "pod": pod, "volume": ended.volume or None, "error": None}
    sink.document(document)


def _shut_down(environment: "Environment", settings: "Settings", provider: str, display: "Display") -> "Ended":
    """End the pod; bring home first what is finished."""
    from fluxctl.ledger import Ledger
    from fluxctl.link.client import WorkerClient
    from fluxctl.services.fetch import Fetching
    from fluxctl.services.outcome import Outcome
    from fluxctl.services.shut_down import shut_down

    def collect(client: WorkerClient) -> None:
        with Ledger.open(environment) as ledger:
            Fetching(environment, settings, display, Outcome(), ledger).collect(client, provider)

    return shut_down(environment, settings, provider=provider, before_end=collect, report=display.phase)


def _tell(sink: "Sink", ended: "Ended") -> None:
    if ended.pod is not None:
        sink.say(f"ended    {ended.pod.id}")
    else:
        sink.say("ended what was left of an earlier worker" if ended.anything else "nothing is running")
    if ended.volume and ended.anything:
        sink.say(f"volume   {ended.volume} stays, with downloads and jobs; docker volume rm {ended.volume} deletes both")
