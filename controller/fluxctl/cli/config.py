"""`fluxctl config`: shows every setting with where it came from, the files that are looked at, and sets one."""

from typing import Annotated

import typer

from fluxctl.output.sink import Sink

app = typer.Typer(help="Settings: what they are, where they come from, and setting one.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("show")
def show(context: typer.Context, json: _Json = False) -> None:
    """Show every setting, its value, and where it came from; of secrets only whether they are set."""
    from fluxctl.settings.load import load_settings
    from fluxctl.settings.report import rows

    sink = Sink(context.obj.environment, json_mode=json)
    settings = load_settings(context.obj.environment)
    listed = rows(settings)
    secrets = settings.secrets.by_variable()
    sink.table(
        ("setting", "value", "from"),
        [
            *((row.key, row.text, row.origin) for row in listed),
            *((name, "set" if secret else "not set", secret.origin.text if secret else "") for name, secret in secrets.items()),
        ],
    )
    sink.document(
        {
            "settings": {row.key: {"value": row.value, "origin": row.origin} for row in listed},
            "secrets": {name: {"set": secret is not None, "origin": secret and secret.origin.text} for name, secret in secrets.items()},
        }
    )
    for note in settings.notes:
        sink.hint(note)


@app.command("path")
def path(context: typer.Context, json: _Json = False) -> None:
    """Show which files settings are read from, and which of them exist; a lower line goes before a higher one."""
    from fluxctl.settings.places import settings_files

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    files = [(str(file.path), file.path.exists()) for file in settings_files(environment)]
    sink.table(("file", "exists"), [(name, "yes" if exists else "no") for name, exists in files])
    prompts = environment.paths.config / "prompts"
    sink.document({"files": [{"path": name, "exists": exists} for name, exists in files], "prompts": str(prompts)})
    sink.say(f"prompt files of your own go into {prompts}")


@app.command("set", context_settings={"ignore_unknown_options": True})
def set_(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Such as pictures.format; `fluxctl config show` lists all.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="null: as if nothing was said.")],
) -> None:
    """Write one setting into config.yaml, after checking it; comments and other lines stay as they are."""
    from fluxctl.settings.change import set_value

    sink = Sink(context.obj.environment)
    change = set_value(context.obj.environment, key, value)
    sink.line(f"{change.key}: {change.text}  ({change.place})")
    if change.warning:
        sink.warn(change.warning)
