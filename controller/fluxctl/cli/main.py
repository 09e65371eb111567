"""The main app: registers the commands, and turns every error into a message and an exit code."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

import fluxctl
from fluxctl.cli import config, image, volume
from fluxctl.cli.context import Context
from fluxctl.cli.doctor import doctor
from fluxctl.cli.down import down
from fluxctl.cli.enhance import enhance
from fluxctl.cli.failure import Document, fail
from fluxctl.cli.fetch import fetch
from fluxctl.cli.generate import empty_document, gen
from fluxctl.cli.gpus import gpus
from fluxctl.cli.history import history
from fluxctl.cli.init import init
from fluxctl.cli.jobs import jobs
from fluxctl.cli.logs import logs
from fluxctl.cli.ps import ps
from fluxctl.cli.show import show
from fluxctl.cli.ssh import PassedThrough, ssh
from fluxctl.cli.status import status
from fluxctl.cli.sweep import sweep
from fluxctl.cli.sync import sync
from fluxctl.cli.tokens import tokens
from fluxctl.cli.up import up
from fluxctl.environment import Environment
from fluxctl.errors import ExitCode
from fluxctl.output.sink import Sink

app = typer.Typer(
    name="fluxctl", pretty_exceptions_enable=False, rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]}
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fluxctl {fluxctl.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def fluxctl_app(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error (works after the command too).")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """FLUX pictures from a prompt: on this computer, or on a GPU that you rent only while you look at pictures."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


_PICTURES, _MACHINE, _SETTING_UP = "Pictures", "Where they are made", "Setting up"
_COMMANDS: dict[str, tuple[Callable[..., object], ...]] = {
    _PICTURES: (gen, enhance, fetch, jobs, show, history, tokens),
    _MACHINE: (up, status, ps, gpus, logs, down, sweep, sync),
    _SETTING_UP: (init, doctor),
}
for _panel, _commands in _COMMANDS.items():
    for _each in _commands:
        app.command(rich_help_panel=_panel)(_each)
app.command(rich_help_panel=_MACHINE, context_settings={"allow_interspersed_args": False})(ssh)
app.add_typer(config.app, name="config", rich_help_panel=_SETTING_UP)
app.add_typer(image.app, name="image", rich_help_panel=_SETTING_UP)
app.add_typer(volume.app, name="volume", rich_help_panel=_SETTING_UP)
DOCUMENTS: dict[str, Document] = {"gen": empty_document, "fetch": empty_document}
"""The JSON objects of commands that report more than an error."""


def main(arguments: Sequence[str], environment: Environment) -> int:
    """Given the words after `fluxctl`, run the command and return its exit code; nothing escapes but what `--debug` shows."""
    words = list(arguments)
    options = words[: words.index("--")] if "--" in words else words
    debug = "--debug" in options
    if debug:
        words.remove("--debug")
    sink = Sink(environment, json_mode="--json" in options)
    try:
        code: object = app(args=words, prog_name="fluxctl", standalone_mode=False, obj=Context(environment, debug))
        if code == ExitCode.INTERRUPTED and not isinstance(code, PassedThrough):  # what Typer makes of a Ctrl-C that no command caught
            raise KeyboardInterrupt
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last guard: a bug must read as one, without a traceback
        return fail(error, _command(words), DOCUMENTS, sink, debug=debug)
    return code if isinstance(code, int) else ExitCode.DONE


def _command(words: Sequence[str]) -> str:
    """Return the command that was meant, "" if there is none."""
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    return words[0] if words and words[0] in known | {group.name or "" for group in app.registered_groups} else ""
