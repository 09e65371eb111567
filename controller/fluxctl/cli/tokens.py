"""`fluxctl tokens PROMPT`: how much of a prompt the model reads."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options

if TYPE_CHECKING:
    from fluxctl.services.token_report import TokenReport


def tokens(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(help="The prompt; - reads it from stdin.", metavar="PROMPT|-")],
    model: Annotated[str | None, typer.Option("--model", help="A model card; without it the one that gen takes.")] = None,
    json: options.Json = False,
) -> None:
    """Count a prompt's tokens, and show what each encoder sees of it. Nothing is started, nothing downloaded.

    CLIP, which sees the style of the whole, reads 75 tokens; T5, which sees every detail, reads far more.
    """
    from fluxctl.cli.prompts import read_prompts
    from fluxctl.output.sink import Sink
    from fluxctl.services.token_report import report_tokens
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    (typed,) = read_prompts(prompt, None, environment, optional=False).typed
    report = report_tokens(typed, model, environment, load_settings(environment))
    sink = Sink(environment, json_mode=json)
    sink.document(report.document())
    for name, text in _rows(report):
        sink.line(f"{name:<6} {text}")
    if report.combinations > 1:
        sink.say(f"note   that is the longest of {report.combinations} combinations")
    if not report.clip.exact:
        sink.warn("CLIP's vocabulary is damaged: tokens are estimated at 1.6 a word; installing fluxctl anew mends it")


def _rows(report: "TokenReport") -> list[tuple[str, str]]:
    """Given the report, return its lines as name and text."""
    from fluxctl.output.plain import one_line

    clip, t5 = report.clip, report.t5
    rows = [("model", one_line(report.model)), ("CLIP", f"{'' if clip.exact else 'about '}{clip.count} of {clip.limit} tokens")]
    if clip.text != report.prompt:
        rows.append(("", f"reads: {one_line(clip.text)}"))
    rows.append(
        ("T5", f"{'' if t5.exact else 'about '}{t5.tokens} of {t5.limit} tokens{'' if t5.exact else ' (the worker counts exactly)'}")
    )
    rows.append(("", f"lost: {one_line(t5.lost)}" if t5.lost else "reads: the whole prompt"))
    if t5.tokens > t5.limit and not t5.exact:
        rows[-1] = ("", "reads: the beginning; the end is lost")
    return rows
