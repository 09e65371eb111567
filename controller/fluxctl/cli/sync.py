"""`fluxctl sync`: this checkout's code in the running pod, without building an image."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options

if TYPE_CHECKING:
    from fluxctl.output.sink import Sink
    from fluxctl.services.sync import Synced


def sync(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Also while a job runs: its unfinished picture is begun again.")] = False,
    provider: options.WhichProvider = None,
    json: options.Json = False,
) -> None:
    """For development: bring this checkout's pod_image/ code into the running pod, and restart its worker."""
    from fluxctl.cli.display import Display
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.output.sink import Sink
    from fluxctl.services.provider import chosen
    from fluxctl.services.sync import sync as bring
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings = load_settings(environment)
    choice = chosen(provider, environment, settings, sink.warn)
    sink.say(f"provider {choice.name} ({choice.because})")
    with ProgressDisplay(sink) as progress:
        synced = bring(environment, settings, provider=choice.name, force=force, report=Display(progress).phase)
    _tell(sink, synced)
    changed = synced.earlier != synced.source_hash
    sink.document({"schema": 1, "provider": choice.name, "pod": synced.pod_id, "source_hash": synced.source_hash, "changed": changed})


def _tell(sink: "Sink", synced: "Synced") -> None:
    if synced.is_here:
        sink.say("the worker runs on this computer: it runs this code already, or from its next start")
    elif synced.earlier == synced.source_hash:
        sink.say(f"the worker runs this code already ({synced.source_hash[:12]})")
    else:
        sink.say(f"synced   {synced.pod_id} runs {synced.source_hash[:12]} now; a new pod has the image's code again")
