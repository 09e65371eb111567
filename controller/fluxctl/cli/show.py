"""`fluxctl show PICTURE`: what a picture says about how it was made."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluxctl.services.picture_report import PictureReport


def show(
    context: typer.Context,
    picture: Annotated[str, typer.Argument(help="A picture that fluxctl made, or a JSON file with a recipe.", metavar="PICTURE")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show the recipe of a picture, and how to make it again."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.picture_report import report_picture

    sink = Sink(context.obj.environment, json_mode=json)
    report = report_picture(picture, context.obj.environment)
    sink.document(report.document())
    for name, text in _rows(report):
        sink.line(f"{name:<9} {text}")
    if report.matches is False:
        sink.warn("the pixels are not those that were made: the file was changed")
    if report.stored.is_from_newer_version:
        sink.warn("a newer fluxctl wrote this; what this one does not know is left out")
    if not json:
        sink.hint(report.again)


def _rows(report: "PictureReport") -> list[tuple[str, str]]:
    """Given the report, return its lines as name and text, without those that are not known."""
    from fluxctl.output.plain import one_line, plain

    stored, recipe = report.stored, report.stored.recipe
    source = recipe.source if recipe.revision is None else f"{recipe.source} @ {recipe.revision}"
    rows = [("picture", one_line(str(stored.path))), ("prompt", _indented(plain(recipe.prompt.typed)))]
    if recipe.prompt.used != recipe.prompt.typed:
        rows.append(("enhanced" if recipe.prompt.enhanced else "used", _indented(plain(recipe.prompt.used))))
    if recipe.prompt.enhancer is not None:
        rows.append(("by", one_line(f"{recipe.prompt.enhancer}, instructions {(recipe.prompt.instructions_sha256 or '')[:12]}")))
    if recipe.clip_prompt is not None:
        rows.append(("clip", _indented(plain(recipe.clip_prompt))))
    if recipe.true_cfg is not None:
        rows.append(("negative", f"{_indented(plain(recipe.negative_prompt or ''))} (true guidance {recipe.true_cfg:g})".lstrip()))
    rows += [
        ("size", f"{recipe.width}x{recipe.height}"),
        ("seed", str(recipe.seed)),
        ("steps", f"{recipe.steps}, guidance {recipe.guidance:g}, {recipe.maximum_sequence_length} tokens for T5"),
        ("model", one_line(f"{recipe.model} ({source})")),
    ]
    if stored.plan is not None:
        versions = ", ".join(f"{name} {version}" for name, version in sorted(stored.plan.versions.items()))
        rows.append(("plan", one_line(f"{stored.plan.device}, {stored.plan.precision}; {versions}")))
    if stored.sha256 is not None:
        rows.append(("sha256", f"{one_line(stored.sha256)} {_verdict(report)}"))
    if stored.created_at is not None:
        made_by = f" by fluxctl {one_line(stored.record.fluxctl)}" if stored.record.fluxctl else ""
        rows.append(("made", f"{_local_time(stored.created_at)}{made_by}"))
    return rows


def _verdict(report: "PictureReport") -> str:
    """Say how the hash stands to the file."""
    if report.matches is None:
        kind = "a JSON file has no pixels" if report.stored.format is None else f"before it became a {report.stored.format} file"
        return f"({kind})"
    return "(the pixels match)" if report.matches else "(the pixels DIFFER)"


def _indented(text: str) -> str:
    """Put the further lines of a text under its first."""
    return text.replace("\n", "\n" + " " * 10)


def _local_time(seconds: float) -> str:
    """Given seconds since 1970, return date and time as people here read it."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, OSError, ValueError):
        return "at an unknown time"
