"""One step of setting up, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fluxctl.errors import ExitCode, FluxctlError, SettingsError


class StepResult(StrEnum):
    """What became of a step."""

    OK = "ok"
    """It was there already."""
    CHANGED = "changed"
    """It was written, or made."""
    SKIPPED = "skipped"
    """It is not needed, or not wanted."""
    UNCHECKED = "unchecked"
    """It is kept; nobody could be asked whether it is right."""
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True)
class Step:
    """One step."""

    name: str
    result: StepResult
    detail: str
    hint: str = ""
    """What to type; "" where nothing is to be done."""
    problem: FluxctlError | None = None
    """Why it failed."""

    @property
    def is_open(self) -> bool:
        """Return whether something is left to do before a pod can be rented."""
        return self.result in (StepResult.MISSING, StepResult.FAILED)

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        code = self.problem.code if self.problem else None
        return {"name": self.name, "result": str(self.result), "detail": self.detail, "hint": self.hint or None, "code": code}


def failed(name: str, problem: FluxctlError) -> Step:
    """Given what went wrong, return the step that says so."""
    return Step(name, StepResult.FAILED, problem.message, problem.hint, problem)


def put_off(steps: Sequence[Step]) -> str:
    """Given all steps, return what to type for one that was put off and without which no pod can be rented, "" for none."""
    return next((step.hint for step in steps if step.name == "image" and step.result is StepResult.SKIPPED), "")


class NotSetUpError(SettingsError):
    """Something is left to do; the exit code is that of the first thing that failed."""

    default_code = "not_set_up"


def unfinished(steps: Sequence[Step]) -> NotSetUpError | None:
    """Given all steps, return the error that names what is left to do, None where that is nothing."""
    left = [step for step in steps if step.is_open]
    if not left:
        return None
    what = "; ".join(f"{step.name} {'is missing' if step.result is StepResult.MISSING else 'failed'}" for step in left)
    cause = next((step.problem for step in left if step.problem), None)
    problem = NotSetUpError(f"not everything is set up: {what}", hint=left[0].hint, code=cause.code if cause else "")
    problem.exit_code = cause.exit_code if cause else ExitCode.SETTINGS
    return problem
