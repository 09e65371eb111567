"""`fluxctl sweep`: what the ledger and RunPod say of each other; with --apply, what should not live is ended."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fluxctl.cli import options
from fluxctl.errors import InterruptedByUser, NotConfirmedError
from fluxctl.output.moments import rate

if TYPE_CHECKING:
    from fluxctl.output.sink import Sink
    from fluxctl.pods.finding import Finding
    from fluxctl.services.sweep import Sweep


def sweep(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Adopt, settle, close and end; without it nothing is changed.")] = False,
    json: options.Json = False,
) -> None:
    """Compare the ledger with RunPod: which pods live, whose they are, and which should not.

    --apply ends those, and settles orders whose outcome is not known; exit code 8 when an end cannot be confirmed.

    Pods without your tag are never touched, those of your other computers only after their own deadline.
    """
    from fluxctl.cli.display import Display
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.output.sink import Sink
    from fluxctl.providers.runpod.naming import CONSOLE
    from fluxctl.services.fallback import settings_or_defaults
    from fluxctl.services.interrupted import interrupted_end
    from fluxctl.services.sweep import sweep as look

    environment = context.obj.environment
    sink = Sink(environment, json_mode=json)
    settings, warnings = settings_or_defaults(environment)
    for warning in warnings:
        sink.warn(warning)
    try:
        with ProgressDisplay(sink) as progress:
            found = look(environment, settings, apply=apply, report=Display(progress).phase)
    except KeyboardInterrupt as interrupt:
        if not apply:
            raise InterruptedByUser("interrupted; nothing was changed") from interrupt
        raise interrupted_end(environment, "runpod") from interrupt
    _tell(sink, found)
    if found.failed:
        which = ", ".join(finding.pod_id or finding.name for finding in found.failed)
        problem = NotConfirmedError(f"it could not be confirmed that these are gone: {which}", hint=f"fluxctl sweep --apply, or {CONSOLE}")
        problem.document = lambda error: _document(found, {"code": error.code, "message": error.message, "hint": error.hint})
        raise problem
    sink.document(_document(found, None))


def _tell(sink: "Sink", found: "Sweep") -> None:
    for note in found.notes:
        sink.say(note)
    if not found.findings:
        sink.say("no pods, and nothing open in the ledger")
        return
    sink.table(["pod", "verdict", "action", "gpu", "price", "why"], [_row(finding, applied=found.applied) for finding in found.findings])
    if not found.applied and any(finding.action != "none" for finding in found.findings):
        sink.hint("fluxctl sweep --apply")


def _row(finding: "Finding", *, applied: bool) -> list[str]:
    from fluxctl.output.plain import one_line

    outcome = "failed" if finding.error is not None else "done" if finding.done else ""
    action = "-" if finding.action == "none" else f"{finding.action} {outcome if applied else 'is due'}".rstrip()
    why = finding.reason if finding.error is None else f"{finding.reason}; {finding.error}"
    price = "-" if finding.price_per_hour_usd is None else rate(finding.price_per_hour_usd)
    return [one_line(cell) for cell in (finding.pod_id or finding.name, finding.verdict, action, finding.gpu_type or "-", price, why)]


def _document(found: "Sweep", error: dict[str, str] | None) -> dict[str, Any]:
    findings = [{**asdict(finding), "verdict": str(finding.verdict), "action": str(finding.action)} for finding in found.findings]
    return {"schema": 1, "provider": "runpod", "applied": found.applied, "findings": findings, "notes": list(found.notes), "error": error}
