"""`fluxctl gpus`: what can be rented, and what it costs."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options, rent_options
from fluxctl.output.moments import rate

if TYPE_CHECKING:
    from fluxctl.services.gpu_list import GpuLine


def gpus(
    context: typer.Context,
    gpu: rent_options.Gpu = None,
    max_price: rent_options.MaxPrice = None,
    cloud: rent_options.Cloud = None,
    data_center: rent_options.DataCenter = None,
    every: Annotated[bool, typer.Option("--all", help="Also types of which none is in stock.")] = False,
    json: options.Json = False,
) -> None:
    """List the GPUs that RunPod rents out now: memory, price, stock, and cents a picture where pictures were made on one.

    Those that `up` tries come first, in its order; with a network volume it is what its data centre has.
    """
    from fluxctl.cli.quote_lines import gpu_types
    from fluxctl.output.sink import Sink
    from fluxctl.services.gpu_list import list_gpus
    from fluxctl.services.renting import RentFlags
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    flags = RentFlags(gpu_types(gpu), max_price, cloud, data_center)
    found = list_gpus(environment, load_settings(environment), flags, every=every)
    sink.document(found.document())
    sink.say(f"place    {found.data_center or 'any data centre'} · cents a picture with {found.model}")
    if not found.lines:
        sink.say("nothing fits")
        sink.hint("fluxctl gpus --all --cloud any")
        return
    sink.table(["order", "gpu", "memory", "cloud", "price", "stock", "cents a picture"], [_row(line) for line in found.lines])
    sink.hint('fluxctl up --gpu "TYPE", several times for a first and a second choice')


def _row(line: "GpuLine") -> list[str]:
    from fluxctl.output.plain import one_line

    offer, cents = line.offer, line.cents_a_picture
    return [
        "" if line.wanted is None else f"{line.wanted}.",
        one_line(offer.gpu_type),
        f"{offer.memory_gb} GB",
        offer.cloud,
        "-" if offer.price_per_hour_usd is None else rate(offer.price_per_hour_usd),
        str(offer.stock),
        "-" if cents is None else f"{cents:.2f}",
    ]
