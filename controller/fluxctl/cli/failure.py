"""Turns whatever went wrong into a message, the JSON object of the command, and an exit code."""

import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import typer

from fluxctl.errors import FluxctlError, InterruptedByUser, UsageError
from fluxctl.output.sink import OutputLostError, Sink

Document = Callable[[FluxctlError], dict[str, Any]]


def plain_document(problem: FluxctlError) -> dict[str, Any]:
    """Return the JSON object for a problem of a command that has none of its own."""
    return {"error": {"code": problem.code, "message": problem.message, "hint": problem.hint}}


def problem_of(error: BaseException, command: str) -> FluxctlError:
    """Given what was raised and the command that was typed ("" for none), return it as one of our errors."""
    match error:
        case FluxctlError():
            return error
        case typer.TyperException():
            path = _typed_path(error) or f"fluxctl {command}".strip()
            return UsageError(error.format_message() or f"{path} needs one of its commands", hint=f"{path} --help")
        case KeyboardInterrupt() | typer.Abort():
            return InterruptedByUser("interrupted")
        case _:
            what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            problem = FluxctlError(f"this is a bug in fluxctl: {what}", hint="run it again with --debug and report what it shows")
            problem.document = getattr(error, "document", None)
            return problem


def _typed_path(error: BaseException) -> str:
    """Return the command that was being read (`fluxctl volume create`), "" where the error does not tell."""
    return str(getattr(getattr(error, "ctx", None), "command_path", ""))


def fail(error: BaseException, command: str, documents: Mapping[str, Document], sink: Sink, *, debug: bool) -> int:
    """Print what went wrong (and, in JSON mode, the object that says so), and return the exit code."""
    problem = problem_of(error, command)
    if debug:
        sink.say("".join(traceback.format_exception(error)).rstrip())
    sink.error(problem)
    document = problem.document or documents.get(command, plain_document)
    with suppress(OutputLostError):  # it may be the very problem that was just told
        sink.document(document(problem))
    return int(problem.exit_code)
