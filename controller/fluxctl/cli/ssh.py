"""`fluxctl ssh`: a shell in the pod, or one command there."""

from typing import TYPE_CHECKING, Annotated

import typer

from fluxctl.cli import options

if TYPE_CHECKING:
    from fluxctl.environment import Environment
    from fluxctl.output.sink import Sink
    from fluxctl.settings.load import Settings


class PassedThrough(int):
    """The exit code of a command in a pod: whatever it is, it means what it means there."""


def ssh(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(help="A command to run there: several words as they are, one word as a line for the shell.", metavar="-- COMMAND"),
    ] = None,
    tty: Annotated[bool, typer.Option("--tty", "-t", help="Give the command a terminal, as a shell has.")] = False,
    make_key: Annotated[bool, typer.Option("--make-key", help="Make an SSH key for pods if there is none; print its public half.")] = False,
    provider: options.WhichProvider = None,
) -> int:
    """Open a shell in the pod, or run a command there: `fluxctl ssh -- nproc`. Its output and exit code are passed through untouched."""
    from fluxctl.output.sink import Sink
    from fluxctl.services.provider import chosen
    from fluxctl.services.shell import shell
    from fluxctl.settings.load import load_settings

    environment = context.obj.environment
    settings = load_settings(environment)
    if make_key:
        _make_key(environment, settings, Sink(environment))
        return 0
    choice = chosen(provider, environment, settings, Sink(environment).warn)
    return PassedThrough(shell(environment, settings, command or [], provider=choice.name, terminal=tty))


def _make_key(environment: "Environment", settings: "Settings", sink: "Sink") -> None:
    """Make the key, or say which one there is."""
    from fluxctl.link.identity import find_identity

    identity = find_identity(environment, settings.values.link, make=True)
    sink.say(f"key      {identity.words}")
    sink.line(identity.public_key)
