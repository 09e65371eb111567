"""`fluxctl init`: asks for what is missing before a pod can be rented, checks it and keeps it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fluxctl.cli import options
from fluxctl.errors import FluxctlError, InterruptedByUser

if TYPE_CHECKING:
    from fluxctl.services.set_up.run import SetUp

AGAIN = "fluxctl init"


def init(
    context: typer.Context,
    secrets_file: Annotated[
        str | None,
        typer.Option("--secrets-file", help="Take keys from NAME=VALUE lines in a file, or from stdin (-).", metavar="FILE|-"),
    ] = None,
    save_keys: Annotated[
        bool, typer.Option("--save-keys/--no-save-keys", help="Write keys of the environment into config.env too.")
    ] = True,
    model: Annotated[str | None, typer.Option("--model", help="The model that pods load first.")] = None,
    gpu: Annotated[list[str] | None, typer.Option("--gpu", help="A GPU type to rent; again for the next choice.")] = None,
    image: Annotated[str | None, typer.Option("--image", help="The image that pods run, in a registry.", metavar="REFERENCE")] = None,
    registry_auth_id: Annotated[
        str | None, typer.Option("--registry-auth-id", help="RunPod's id of the credentials for a private image.", metavar="ID")
    ] = None,
    ssh_key: Annotated[
        str | None, typer.Option("--ssh-key", help="The SSH key that opens pods; made when there is none.", metavar="FILE")
    ] = None,
    volume: Annotated[
        str | None, typer.Option("--volume", help="The network volume: an id, a name, new, or none.", metavar="ID|NAME|new|none")
    ] = None,
    volume_size: Annotated[
        int | None, typer.Option("--volume-size", help="GB of a new volume, 10 to 4096; it can grow, never shrink.")
    ] = None,
    volume_name: Annotated[str | None, typer.Option("--volume-name", help="Name of a new volume.")] = None,
    data_center: Annotated[str | None, typer.Option("--data-center", help="Where to make a new volume, such as EU-RO-1.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take what is proposed, also where it costs money.")] = False,
    json: options.Json = False,
) -> None:
    """Set fluxctl up for renting: keys, SSH key, image, network volume. Each key is checked with a call that costs nothing.

    Run again, it changes only what is asked for. Keys are typed unseen, or come from the environment or a file; never from a flag.
    """
    from fluxctl.cli.questions import TerminalQuestions
    from fluxctl.output.sink import Sink
    from fluxctl.services.set_up.run import SetUp
    from fluxctl.services.set_up.secrets_file import read_secrets
    from fluxctl.services.set_up.step import put_off, unfinished
    from fluxctl.services.set_up.wish import SetUpWish

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    wish = SetUpWish(
        secrets=read_secrets(secrets_file, environment) if secrets_file is not None else {},
        save_keys=save_keys,
        yes=yes,
        model=model,
        gpu_types=tuple(gpu or ()),
        image=image,
        registry_auth_id=registry_auth_id,
        ssh_key=ssh_key,
        volume=volume,
        volume_name=volume_name,
        volume_size_gb=volume_size,
        data_center=data_center,
    )
    work = SetUp(environment, wish, TerminalQuestions(sink, AGAIN))
    problem = _run(work)
    if problem is None:
        problem = unfinished(work.steps)
    if problem is not None:
        problem.document = _document(work)
        raise problem
    sink.document(_document(work)(None))
    later = put_off(work.steps)
    sink.hint(later or "fluxctl doctor checks it all again; fluxctl gen PROMPT shows the price, asks, and makes the first picture")


def _run(work: "SetUp") -> FluxctlError | None:
    """Take the steps; return what ended them early."""
    try:
        work.run()
    except FluxctlError as error:
        return error
    except KeyboardInterrupt:
        return InterruptedByUser("interrupted; what was answered before is kept", hint=AGAIN)
    return None


def _document(work: "SetUp") -> Callable[[FluxctlError | None], dict[str, Any]]:
    """Return what makes the JSON object of `init --json`, which also reports what was done before something failed."""
    from fluxctl.services.volumes import volume_document
    from fluxctl.settings.env_write import user_config_env

    def document(problem: FluxctlError | None) -> dict[str, Any]:
        volume = work.volume and {**volume_document(work.volume), "created": work.volume_created}
        error = problem and {"code": problem.code, "message": problem.message, "hint": problem.hint}
        files = {
            "config_env": str(user_config_env(work.environment)),
            "config_yaml": str(work.environment.paths.config / "config.yaml"),
        }
        return {"steps": [step.document() for step in work.steps], "volume": volume, "files": files, "error": error}

    return document
