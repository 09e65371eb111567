"""`fluxctl up`: starts a worker, or finds the one that runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options

if TYPE_CHECKING:
    from fluxctl.output.sink import Sink
    from fluxctl.services.bring_up import Ready


def up(
    context: typer.Context,
    model: Annotated[str | None, typer.Option("--model", help="The model to load first.")] = None,
    provider: options.Provider = None,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Start a worker and wait until it is ready; when one runs already, say so. `gen` does the same by itself."""
    from fluxctl.cli.display import Display
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.output.sink import Sink
    from fluxctl.services.bring_up import bring_up
    from fluxctl.services.choice import choose_provider
    from fluxctl.services.pod_outline import pod_outline
    from fluxctl.services.provider import default_model_of, interrupted_start, live_providers
    from fluxctl.settings.load import load_settings
    from fluxctl.settings.resolve import model_for
    from fluxctl.wish import Wish

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings = load_settings(environment)
    choice = choose_provider(provider, settings.values.provider, live_providers(environment, settings, sink.warn))
    name = model_for(Wish(model=model), settings, default_model_of(choice.name, environment, settings))
    sink.say(f"provider {choice.name} ({choice.because})")
    for line in pod_outline(choice.name, name, environment, settings):
        sink.say(f"plan     {line}")
    try:
        with ProgressDisplay(sink) as progress:
            card = settings.values.models[name]
            ready = bring_up(environment, settings, model=name, source=card.source, provider=choice.name, report=Display(progress).phase)
    except KeyboardInterrupt as interrupt:
        raise interrupted_start(environment, settings) from interrupt
    ready.client.close()
    _tell(sink, ready, name)
    sink.document(_document(ready))


def _tell(sink: "Sink", ready: "Ready", wanted: str) -> None:
    """Say what runs now."""
    for note in ready.notes:
        sink.warn(note)
    loaded = ready.health.model or "no model"
    if ready.started:
        sink.say(f"ready    {loaded} · after {ready.ready_seconds:.1f} s")
    else:
        sink.say(f"ready    {loaded} · the worker was running already")
    if not ready.started and ready.health.model != wanted:
        sink.say(f"model    {wanted} is loaded with its first job")
    sink.line(ready.pod.id)


def _document(ready: "Ready") -> dict[str, object]:
    return {
        "schema": 1,
        "provider": ready.pod.provider,
        "pod": {"id": ready.pod.id, "created_at": ready.pod.created_at, "latest_end_at": ready.pod.latest_end_at},
        "model": ready.health.model,
        "started": ready.started,
        "ready_seconds": round(ready.ready_seconds, 3),
        "error": None,
    }
