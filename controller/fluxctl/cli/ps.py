"""`fluxctl ps`: the pods that live, and what they cost."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options
from fluxctl.output.moments import dollars, moment, rate

if TYPE_CHECKING:
    from fluxctl.services.pod_list import PodLine


def ps(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also pods of the account that are none of yours; they are only shown.")] = False,
    json: options.Json = False,
) -> None:
    """List your pods: on this computer, and at RunPod those of this and of your other computers. Looking changes nothing."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.fallback import settings_or_defaults
    from fluxctl.services.pod_list import list_pods

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings, warnings = settings_or_defaults(environment)
    for warning in warnings:
        sink.warn(warning)
    found = list_pods(environment, settings, foreign=every)
    sink.document(found.document())
    for note in found.notes:
        sink.say(note)
    if not found.lines:
        sink.say("no pods")
        sink.hint("fluxctl up, or fluxctl gen PROMPT")
        return
    sink.table(["provider", "pod", "whose", "state", "gpu", "place", "price", "since", "cost"], [_row(line) for line in found.lines])
    sink.say(f"together {rate(found.price_per_hour_usd)}")
    if any(line.whose == "elsewhere" for line in found.lines):
        sink.hint("fluxctl down --all ends those of your other computers too")
    if any(line.state in ("unsettled", "not listed") for line in found.lines):
        sink.hint("fluxctl sweep says what became of them, fluxctl sweep --apply settles it")


def _row(line: "PodLine") -> list[str]:
    from fluxctl.output.plain import one_line

    cells = [
        line.provider,
        line.id or line.name,
        line.whose,
        line.state,
        line.gpu_type or "-",
        line.data_center or "-",
        "-" if line.price_per_hour_usd is None else rate(line.price_per_hour_usd),
        "-" if line.created_at is None else moment(line.created_at),
        "-" if line.cost_usd is None else dollars(line.cost_usd),
    ]
    return [one_line(cell) for cell in cells]
