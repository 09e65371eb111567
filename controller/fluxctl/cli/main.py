"""The main app: registers the commands, and turns every error into a message and an exit code."""

import contextlib
import gc
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer

import fluxctl
from fluxctl.cli import config
from fluxctl.cli.context import Context
from fluxctl.cli.down import down
from fluxctl.cli.enhance import enhance
from fluxctl.cli.fetch import fetch
from fluxctl.cli.generate import empty_document, gen
from fluxctl.cli.history import history
from fluxctl.cli.jobs import jobs
from fluxctl.cli.show import show
from fluxctl.cli.status import status
from fluxctl.cli.tokens import tokens
from fluxctl.cli.up import up
from fluxctl.environment import Environment
from fluxctl.errors import ExitCode, FluxctlError, InterruptedByUser, UsageError
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


app.command()(gen)
app.command()(enhance)
app.command()(up)
app.command()(status)
app.command()(down)
app.command()(jobs)
app.command()(fetch)
app.command()(show)
app.command()(history)
app.command()(tokens)
app.add_typer(config.app, name="config")
OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""Python's own 700 costs a tenth of a command's start: libraries and vocabularies are objects that stay."""
DOCUMENTS = {"gen": empty_document, "fetch": empty_document}
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
        return code if isinstance(code, int) else ExitCode.DONE
    except typer.TyperException as error:
        problem: FluxctlError = UsageError(error.format_message(), hint=f"fluxctl {_command(words)}--help")
        return _fail(sink, _with_document(problem, words), error, debug)
    except FluxctlError as error:
        return _fail(sink, _with_document(error, words), error, debug)
    except (KeyboardInterrupt, typer.Abort) as error:
        return _fail(sink, InterruptedByUser("interrupted"), error, debug)
    except Exception as error:  # noqa: BLE001 - the last guard: a bug must read as one, without a traceback on the screen
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _fail(
            sink, FluxctlError(f"this is a bug in fluxctl: {what}", hint="run it again with --debug and report what it shows"), error, debug
        )


def _with_document(problem: FluxctlError, words: Sequence[str]) -> FluxctlError:
    """Give a problem the JSON object of its command."""
    if problem.document is None:
        problem.document = DOCUMENTS.get(words[0] if words else "", document_of)
    return problem


def document_of(problem: FluxctlError) -> dict[str, Any]:
    """Return the JSON object for a problem of a command that has none of its own."""
    return {"schema": 1, "error": {"code": problem.code, "message": problem.message, "hint": problem.hint}}


def _fail(sink: Sink, problem: FluxctlError, cause: BaseException, debug: bool) -> int:
    """Print the problem (and, in JSON mode, the object that says so), and return its exit code."""
    if debug:
        sink.environment.stderr.write("".join(traceback.format_exception(cause)))
    if problem.message:
        sink.error(problem)
    sink.document((problem.document or document_of)(problem))
    return int(problem.exit_code)


def _command(words: Sequence[str]) -> str:
    """Return the command that was meant, with a space behind it, if there is one."""
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    return f"{words[0]} " if words and words[0] in known | {group.name or "" for group in app.registered_groups} else ""


def run() -> None:
    """Start fluxctl from a shell."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    code = main(sys.argv[1:], Environment())
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)  # the interpreter would first take every library apart, which takes 0.05 s and serves nobody
