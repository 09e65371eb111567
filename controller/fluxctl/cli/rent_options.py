"""The flags about a rented machine, which `up`, `gen` and `gpus` share, with their help: data for Typer."""

from typing import Annotated

import typer

RENTING = "What to rent (--provider runpod)"


def _rent(*names: str, help: str, metavar: str | None = None) -> typer.models.OptionInfo:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=RENTING)


Gpu = Annotated[
    list[str] | None,
    _rent(
        "--gpu",
        help="A GPU type, as fluxctl gpus lists them; several times: tried in this order. Without it runpod.gpu_types.",
        metavar="TYPE",
    ),
]
MaxPrice = Annotated[float | None, _rent("--max-price", help="Rent nothing dearer, in dollars an hour.", metavar="USD")]
Cloud = Annotated[str | None, _rent("--cloud", help="RunPod's clouds: secure, community or any.")]
DataCenter = Annotated[str | None, _rent("--data-center", help="Only there, such as EU-RO-1; a network volume decides it.", metavar="ID")]
MaxHours = Annotated[
    float | None,
    _rent("--max-hours", help="The pod ends so long after its start, whatever happens. Without it pod.lifetime_seconds.", metavar="HOURS"),
]
