"""What every command gets from the main app: the environment, and whether tracebacks are wanted."""

from dataclasses import dataclass

from fluxctl.environment import Environment


@dataclass
class Context:
    """Stands in Typer's `context.obj`."""

    environment: Environment
    debug: bool = False
