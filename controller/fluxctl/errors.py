"""What can go wrong, with exit code, message and the next command to type.

FluxctlError
├── UsageError 2            what was typed
├── SettingsError 3         settings or secrets
├── ProviderError 4         the provider refused
├── NoCapacityError 5
├── NotReadyError 6         not ready in time
├── GenerationError 7
├── NotConfirmedError 8     could not confirm that a pod is gone
├── NotSavedError 9         the picture stays on the worker
├── DeclinedError 10        declined, or over budget
└── InterruptedByUser 130   Ctrl-C
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """Exit codes of fluxctl; stable."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    SETTINGS = 3
    PROVIDER_REFUSED = 4
    NO_CAPACITY = 5
    NOT_READY = 6
    GENERATION_FAILED = 7
    NOT_CONFIRMED = 8
    NOT_SAVED = 9
    DECLINED = 10
    INTERRUPTED = 130


class FluxctlError(Exception):
    """Base: `message` says what happened and why, `hint` is what to type next, `code` is for machines."""

    exit_code = ExitCode.UNEXPECTED
    default_code = "unexpected"

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.document: Callable[[FluxctlError], dict[str, Any]] | None = None
        """The JSON object that reports this error, where the command has one of its own."""


class UsageError(FluxctlError):
    """The command as typed cannot be carried out."""

    exit_code = ExitCode.USAGE
    default_code = "usage"


class SettingsError(FluxctlError):
    """A setting or a secret is missing, malformed or unsafe."""

    exit_code = ExitCode.SETTINGS
    default_code = "settings"


class ProviderError(FluxctlError):
    """The provider refused, or cannot be used from here."""

    exit_code = ExitCode.PROVIDER_REFUSED
    default_code = "provider_refused"


class NoCapacityError(FluxctlError):
    """Nothing that fits the wish can be had now."""

    exit_code = ExitCode.NO_CAPACITY
    default_code = "no_capacity"


class NotReadyError(FluxctlError):
    """The worker did not become ready, or is not reachable."""

    exit_code = ExitCode.NOT_READY
    default_code = "not_ready"


class GenerationError(FluxctlError):
    """The worker could not make the picture."""

    exit_code = ExitCode.GENERATION_FAILED
    default_code = "generation_failed"


class NotConfirmedError(FluxctlError):
    """It could not be confirmed that a pod is gone."""

    exit_code = ExitCode.NOT_CONFIRMED
    default_code = "not_confirmed"


class NotSavedError(FluxctlError):
    """A picture could not be saved here; it stays on the worker."""

    exit_code = ExitCode.NOT_SAVED
    default_code = "not_saved"


class DeclinedError(FluxctlError):
    """The person, or a budget, said no."""

    exit_code = ExitCode.DECLINED
    default_code = "declined"


class InterruptedByUser(FluxctlError):
    """Ctrl-C: what was finished is kept."""

    exit_code = ExitCode.INTERRUPTED
    default_code = "interrupted"
