"""`fluxctl image`: what a registry says of a pod's image."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options

if TYPE_CHECKING:
    from fluxctl.services.image_check import ImageReport

app = typer.Typer(help="The pod's image: whether its registry has it.", no_args_is_help=True)


@app.callback()
def image() -> None:
    """Ask about the pod's image."""


@app.command("check")
def check(
    context: typer.Context,
    reference: Annotated[str | None, typer.Argument(help="An image's name; without it the setting pod.image.", metavar="REFERENCE")] = None,
    json: options.Json = False,
) -> None:
    """Ask the registry whether the image is there for linux/amd64, and whether a rented pod may pull it. Nothing is pulled."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.image_check import check_image
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    report = check_image(reference, environment, load_settings(environment))
    sink.document(report.document())
    for name, text in _lines(report):
        sink.line(f"{name:<9}{text}")
    for note in report.notes:
        sink.warn(note)


def _lines(report: "ImageReport") -> list[tuple[str, str]]:
    """Return the report as named lines; what the image does not say is left out."""
    said = report.document()
    code = {True: "as beside this fluxctl", False: "other than beside this fluxctl", None: "not known"}[report.same_code]
    lines = [
        ("image", str(report.reference)),
        ("digest", report.image.digest),
        ("platform", report.image.platform),
        ("size", f"{report.image.size_bytes / 1e9:.2f} GB in {report.image.layers} layers, compressed"),
        ("access", "public" if report.public else "private"),
        ("version", said["version"]),
        ("code", code),
        ("cuda", said["cuda_floor"] and f"hosts need {said['cuda_floor']} or newer"),
    ]
    return [(name, text) for name, text in lines if text]
