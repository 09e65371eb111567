"""`fluxctl doctor`: looks whether everything is there, and says of each thing that is not what to type."""

import typer

from fluxctl.cli import options


def doctor(context: typer.Context, json: options.Json = False) -> int:
    """Check settings, keys, money, volume, image, ssh, Docker, records and room. Nothing is asked, spent or changed.

    The exit code is that of the first check that failed: what a command that needs it would end with.
    """
    from fluxctl.output.sink import Sink
    from fluxctl.services.doctor.check import Check, first_failure
    from fluxctl.services.doctor.run import examine

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)

    def show(check: Check) -> None:
        sink.line(f"{check.result:<9}{check.name:<18}{check.detail}")
        if check.hint:
            sink.line(f"{'':<27}→ {check.hint}")

    checks = examine(environment, show)
    failure = first_failure(checks)
    error = failure and {"code": failure.code, "message": f"{failure.name}: {failure.detail}", "hint": failure.hint}
    sink.document({"ok": failure is None, "checks": [check.document() for check in checks], "error": error})
    return failure.exit_code if failure is not None else 0
