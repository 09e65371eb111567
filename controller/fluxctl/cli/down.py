"""`fluxctl down`: ends the worker, after what is finished was brought home, and makes sure that it is gone."""

from typing import Annotated

import typer

from fluxctl.cli import options


def down(
    context: typer.Context,
    provider: options.WhichProvider = None,
    every: Annotated[bool, typer.Option("--all", help="Every pod of yours, also those of your other computers; asks first.")] = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """End the worker: the running picture is finished, pictures that are done are brought home, queued jobs stay for later.

    A rented pod is terminated, and this returns when RunPod confirms that it is gone; exit code 8 when it does not.
    """
    from fluxctl.cli.ending import end_every_pod, end_one_pod
    from fluxctl.output.sink import Sink
    from fluxctl.services.fallback import settings_or_defaults

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings, warnings = settings_or_defaults(environment)
    for warning in warnings:
        sink.warn(warning)
    if every:
        end_every_pod(environment, settings, sink, provider=provider, yes=yes)
    else:
        end_one_pod(environment, settings, sink, provider=provider)
