"""`fluxctl volume`: the network volumes of the RunPod account."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options

if TYPE_CHECKING:
    from fluxctl.environment import Environment

app = typer.Typer(
    help="Network volumes at RunPod: they keep models and jobs from pod to pod, and are paid by the month.", no_args_is_help=True
)


@app.callback()
def volume() -> None:
    """Look at network volumes, or make one."""


@app.command("ls")
def ls(context: typer.Context, json: options.Json = False) -> None:
    """List the volumes: size, price a month, data centre, and which of the wanted GPUs are in stock there. * is the one that is used."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.account import runpod_account
    from fluxctl.services.volumes import list_volumes, volume_gone, volume_misfit
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings = load_settings(environment)
    with runpod_account(environment, settings) as api:
        views = list_volumes(api, settings)
    sink.table(
        ("", "id", "name", "GB", "$/month", "data centre", "in stock there"),
        [
            (
                "*" if view.chosen else "",
                view.volume.id,
                view.volume.name,
                str(view.volume.size_gb),
                "?" if view.usd_per_month is None else f"{view.usd_per_month:.2f}",
                view.volume.data_center,
                view.stock_words,
            )
            for view in views
        ],
    )
    sink.document({"volumes": [view.document() for view in views]})
    wanted, chosen = settings.values.runpod.volume_id, next((view.volume for view in views if view.chosen), None)
    trouble = volume_misfit(chosen, settings) if chosen else volume_gone(wanted) if wanted is not None else None
    if trouble is not None:
        sink.warn(trouble.message)
        sink.hint(trouble.hint)
    elif not views:
        sink.say("the account has no network volume")
        sink.hint("fluxctl volume create")


@app.command("create")
def create(
    context: typer.Context,
    size: Annotated[int | None, typer.Option("--size", help="GB, 10 to 4096; it can grow, never shrink.")] = None,
    data_center: Annotated[
        str | None, typer.Option("--data-center", help="Such as EU-RO-1; without it where the wanted GPUs are in stock.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Its name; without it fluxctl.")] = None,
    use: Annotated[bool, typer.Option("--use/--no-use", help="Let new pods use it from now on.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be made, and its price.")] = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Make a network volume, after showing size, price a month and data centre. It is paid until it is deleted."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.account import runpod_account
    from fluxctl.services.volume_plan import VolumeWish, make_volume, plan_volume
    from fluxctl.services.volumes import volume_document
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings = load_settings(environment)
    with runpod_account(environment, settings) as api:
        there = api.volumes()
        plan = plan_volume(api, settings, VolumeWish(name, size, data_center), there)
        sink.say(f"volume   {plan.words}")
        if dry_run:
            sink.document({"volume": None, "plan": plan.document(), "used": False})
            return
        sink.confirm(f"Make it? It costs ${plan.usd_per_month:.2f} a month until it is deleted.", yes=yes)
        made = make_volume(api, plan)
    sink.line(made.id)  # before anything else can fail: it costs from now on
    before = next((each.id for each in there if each.id == settings.values.runpod.volume_id), None)
    used, why_not = _noted(environment, before, made.id) if use else (False, "")
    sink.document({"volume": volume_document(made), "plan": plan.document(), "used": used})
    if used:
        sink.say("new pods use it from now on (runpod.volume_id)")
    elif why_not:
        sink.warn(f"new pods do not use it: {why_not}")
        sink.hint(f"fluxctl config set runpod.volume_id {made.id}")


def _noted(environment: "Environment", before: str | None, volume_id: str) -> tuple[bool, str]:
    """Let new pods use a volume unless another one is set that is still there (`before`); return whether they do, and why not."""
    from fluxctl.errors import FluxctlError
    from fluxctl.settings.change import set_value

    if before not in (None, volume_id):
        return False, f"{before} is set (runpod.volume_id)"
    try:
        change = set_value(environment, "runpod.volume_id", volume_id)
    except FluxctlError as error:
        return False, error.message
    return not change.warning, change.warning


@app.command("usage")
def usage(context: typer.Context, provider: options.Provider = None, json: options.Json = False) -> None:
    """Measure what lies on the volume of the live pod, folder by folder, against the size that RunPod says."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.provider import chosen
    from fluxctl.services.volume_usage import measure_usage
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings = load_settings(environment)
    choice = chosen(provider, environment, settings, sink.warn)
    found = measure_usage(environment, settings, provider=choice.name)
    sink.document(found.document())
    sink.table(("GB", "folder"), [(f"{folder.size_bytes / 1e9:.2f}", folder.path) for folder in found.folders])
    sink.line(found.words)
    for note in found.notes:
        sink.warn(note)
