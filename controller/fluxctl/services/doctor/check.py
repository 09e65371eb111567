"""One check of `fluxctl doctor`, and what it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fluxctl.errors import ExitCode, FluxctlError


class CheckResult(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    """It works; something about it is worth knowing."""
    FAILED = "failed"
    """A command that needs it would fail now."""
    SKIPPED = "skipped"
    """It is not needed, or cannot be told."""


@dataclass(frozen=True)
class Check:
    """What one check found."""

    name: str
    result: CheckResult
    detail: str
    hint: str = ""
    """What to type; "" where nothing is to be done."""
    code: str = ""
    """For machines; of what failed."""
    exit_code: ExitCode = ExitCode.DONE
    """Of the command that would fail."""

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        known = {"name": self.name, "result": str(self.result), "detail": self.detail}
        return {**known, "hint": self.hint or None, "code": self.code or None}


def ok(name: str, detail: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, CheckResult.OK, detail)


def warning(name: str, detail: str, hint: str = "") -> Check:
    """Return a check that found something worth knowing."""
    return Check(name, CheckResult.WARNING, detail, hint)


def skipped(name: str, why: str, hint: str = "") -> Check:
    """Return a check that was not made."""
    return Check(name, CheckResult.SKIPPED, why, hint)


def failed(name: str, problem: FluxctlError) -> Check:
    """Return a check that found what would make a command fail."""
    return Check(name, CheckResult.FAILED, problem.message, problem.hint, problem.code, problem.exit_code)


def first_failure(checks: Sequence[Check]) -> Check | None:
    """Return the first check that failed, None where none did."""
    return next((check for check in checks if check.result is CheckResult.FAILED), None)
