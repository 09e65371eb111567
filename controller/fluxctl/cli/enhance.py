"""`fluxctl enhance PROMPT`: what Claude makes of a prompt, without a picture."""

from typing import Annotated

import typer

from fluxctl.cli import options


def enhance(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(help="What to rewrite; - reads it from stdin.", metavar="PROMPT|-")],
    refresh: options.Refresh = False,
    json: options.Json = False,
) -> None:
    """Let Claude write a better prompt. No worker is needed; the answer is kept, and gen --enhance uses it.

    The better prompt is all of stdout: fluxctl enhance "a fox" | fluxctl gen -
    """
    from fluxctl.cli.display import enhancement_lines
    from fluxctl.cli.prompts import read_prompts
    from fluxctl.output.sink import Sink
    from fluxctl.services.enhance import enhance as enhance_prompt
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    (typed,) = read_prompts(prompt, None, environment, optional=False).typed
    result = enhance_prompt(typed, environment, load_settings(environment), refresh=refresh)
    sink = Sink(environment, json_mode=json)
    for line in enhancement_lines(result):
        sink.say(line)
    sink.line(result.better)
    sink.document(result.document())
