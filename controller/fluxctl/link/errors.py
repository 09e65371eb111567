"""What can go wrong between fluxctl and a worker; `explain` turns an answer from 400 on into one of our errors."""

import json
from typing import Any

from fluxctl.errors import FluxctlError, GenerationError, NotReadyError, SettingsError, UsageError


class WorkerUnreachableError(NotReadyError):
    """Nobody answers on the worker's socket, or not in time."""

    default_code = "worker_unreachable"


class WorkerSilentError(WorkerUnreachableError):
    """Somebody holds the socket open and says nothing for too long."""


class OtherMachineError(NotReadyError):
    """Whoever answers at the pod's address does not have the pod's host key."""

    default_code = "wrong_host_key"


class KeyRefusedError(SettingsError):
    """The pod lets none of the keys in that it was offered."""

    default_code = "key_refused"


class KeyFileError(SettingsError):
    """An SSH key is missing, cannot be read, or can be read by others."""

    default_code = "ssh_key"


class SshMissingError(SettingsError):
    """A program of OpenSSH, or rsync, is not installed."""

    default_code = "no_ssh"


class WorkerDrainingError(NotReadyError):
    """The worker takes no new jobs because it is about to end: a new one is needed."""

    default_code = "worker_draining"


class TokenRefusedError(NotReadyError):
    """The worker on that socket does not know our token: it is another one than we started."""

    default_code = "token_refused"


class QueueFullError(NotReadyError):
    """So many pictures wait that the worker takes no more."""

    default_code = "queue_full"


class UnknownJobError(UsageError):
    """The worker knows no such job or picture."""

    default_code = "unknown_job"


class JobConflictError(UsageError):
    """The job's id stands for another recipe, or something began meanwhile."""

    default_code = "job_conflict"


class RecipeRefusedError(UsageError):
    """The worker refuses a field of what was sent; the message names it."""

    default_code = "recipe_refused"


_BY_STATUS: dict[int, tuple[type[FluxctlError], str]] = {
    401: (TokenRefusedError, "fluxctl down, then try again"),
    404: (UnknownJobError, "fluxctl jobs"),
    409: (JobConflictError, "fluxctl jobs"),
    422: (RecipeRefusedError, "change what is named and try again"),
    429: (QueueFullError, "wait until some are done: fluxctl jobs"),
    503: (WorkerDrainingError, "fluxctl up"),
}


def explain(status: int, body: bytes) -> FluxctlError:
    """Given status and body of an answer from 400 on, return the error to raise; its code is the worker's own where it gave one."""
    code, message = _read(body)
    kind, hint = _BY_STATUS.get(status, (GenerationError, "fluxctl status"))
    return kind(f"the worker answered {status}: {message or 'no reason given'}", hint=hint, code=code)


def _read(body: bytes) -> tuple[str, str]:
    """Return code and message of an ErrorReply; of anything else, its beginning as the message."""
    try:
        reply: Any = json.loads(body)
        return str(reply["code"]), str(reply["message"])
    except (ValueError, TypeError, KeyError):
        return "", body[:500].decode("utf-8", "replace").strip()
