"""`fluxctl up`: starts a worker, or finds the one that runs; what costs money is shown and asked before."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options, rent_options

if TYPE_CHECKING:
    from fluxctl.environment import Environment
    from fluxctl.output.sink import Sink
    from fluxctl.services.bring_up import Ready
    from fluxctl.services.bringing import Bringing
    from fluxctl.settings.load import Settings


def up(
    context: typer.Context,
    model: Annotated[str | None, typer.Option("--model", help="The model to load first.")] = None,
    provider: options.Provider = None,
    gpu: rent_options.Gpu = None,
    max_price: rent_options.MaxPrice = None,
    cloud: rent_options.Cloud = None,
    data_center: rent_options.DataCenter = None,
    max_hours: rent_options.MaxHours = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show plan and price; start and rent nothing.")] = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Start a worker and wait until it is ready; when one runs already, say so. `gen` does the same by itself.

    At RunPod plan and price are shown first, and nothing is rented before you agree. It costs from then on until it ends: by
    `fluxctl down`, or by itself when nobody has used it for a while.
    """
    from fluxctl.cli.display import Display
    from fluxctl.cli.quote_lines import gpu_types, renting
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.output.sink import Sink
    from fluxctl.services.bringing import bringing
    from fluxctl.services.interrupted import interrupted_start
    from fluxctl.services.renting import RentFlags
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings = load_settings(environment)
    flags = RentFlags(gpu_types(gpu), max_price, cloud, data_center, max_hours)
    planned = bringing(environment, settings, provider=provider, model=model, flags=flags, unheard=sink.warn)
    for note in settings.notes:
        sink.say(f"note     {note}")
    sink.say(f"provider {planned.provider} ({planned.because})")
    if dry_run:
        _show(planned, environment, settings, sink)
        return
    for line in planned.outline(environment, settings):
        sink.say(f"plan     {line}")
    try:
        with ProgressDisplay(sink) as progress:
            terms = renting(planned.flags, sink, progress, yes=yes)
            ready = planned.bring_up(environment, settings, Display(progress), terms)
    except KeyboardInterrupt as interrupt:
        raise interrupted_start(environment, settings, planned.provider) from interrupt
    ready.client.close()
    _tell(sink, ready, planned.model)
    sink.document(_document(ready))


def _show(planned: "Bringing", environment: "Environment", settings: "Settings", sink: "Sink") -> None:
    """Print what would be started, or what runs already; nothing is made."""
    from fluxctl.cli.quote_lines import quote_lines

    preview = planned.preview(environment, settings)
    sink.document(preview.document())
    if preview.pod_id is not None:
        sink.line(f"a worker runs already: {preview.pod_id}; nothing would be started")
        return
    for line in [*preview.outline, *(quote_lines(preview.quote) if preview.quote else [])]:
        sink.line(line)


def _tell(sink: "Sink", ready: "Ready", wanted: str) -> None:
    """Say what runs now."""
    from fluxctl.output.moments import rate

    for note in ready.notes:
        sink.warn(note)
    loaded = ready.health.model or "no model"
    if ready.started:
        sink.say(f"ready    {loaded} · after {ready.ready_seconds:.1f} s")
    else:
        sink.say(f"ready    {loaded} · the worker was running already")
    if not ready.started and ready.health.model != wanted:
        sink.say(f"model    {wanted} is loaded with its first job")
    rental = ready.pod.rental
    if rental is not None:
        sink.say(f"costs    {rate(rental.price_per_hour_usd)} on {rental.gpu_type}; fluxctl status shows the money, fluxctl down ends it")
    sink.line(ready.pod.id)


def _document(ready: "Ready") -> dict[str, object]:
    rental = ready.pod.rental
    return {
        "schema": 1,
        "provider": ready.pod.provider,
        "pod": {
            "id": ready.pod.id,
            "created_at": ready.pod.created_at,
            "latest_end_at": ready.pod.latest_end_at,
            "gpu_type": rental and rental.gpu_type,
            "price_per_hour_usd": rental and rental.price_per_hour_usd,
            "data_center": rental and rental.data_center,
        },
        "model": ready.health.model,
        "started": ready.started,
        "ready_seconds": round(ready.ready_seconds, 3),
        "error": None,
    }
