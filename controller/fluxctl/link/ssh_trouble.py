"""Turns what ssh said when it did not connect into one of our errors: what happened, what it means, what to type."""

import re
from dataclasses import dataclass

from fluxctl.errors import FluxctlError, SettingsError
from fluxctl.link.errors import KeyRefusedError, OtherMachineError, WorkerUnreachableError
from fluxctl.link.identity import Identity, unlock_hint
from fluxctl.link.ssh_options import SshAddress
from fluxctl.link.ssh_process import Ran

_HOST_KEY = ("Host key verification failed", "no matching host key type", "REMOTE HOST IDENTIFICATION HAS CHANGED")
_KEY = ("Permission denied (", "Too many authentication failures")
_TIMEOUT = ("timed out", "Timeout, server")
_REFUSED = ("Connection refused",)
_CONFIG = ("Bad configuration option", "Bad owner or permissions on", "terminating, ", "Missing argument", "missing argument")
_CLOSED = ("Connection closed", "Connection reset", "kex_exchange_identification", "Broken pipe")


@dataclass(frozen=True)
class Attempt:
    """One try to connect."""

    pod_id: str
    address: SshAddress
    identity: Identity
    limit_seconds: float

    @property
    def place(self) -> str:
        """Return the address for people."""
        return f"{self.address.host} port {self.address.port}"


def explain_ssh(ran: Ran, attempt: Attempt) -> FluxctlError:
    """Given how ssh ended, return the error to raise."""
    said = ran.err
    if _any(_HOST_KEY, said):
        return _other_machine(attempt)
    if _any(_KEY, said):
        return _key_refused(attempt)
    if ran.code is None or _any(_TIMEOUT, said):
        why = f"the pod at {attempt.place} does not answer within {attempt.limit_seconds:g} s"
        longer = f"SSH_CONNECT_TIMEOUT={max(30, round(3 * attempt.limit_seconds))} waits longer"
        return WorkerUnreachableError(why, hint=f"fluxctl status; {longer}", code="ssh_timeout")
    if _any(_REFUSED, said):
        why = f"nobody listens at {attempt.place}: the pod's sshd does not run yet, or not any more"
        return WorkerUnreachableError(why, hint="fluxctl status", code="ssh_refused")
    if _any(_CLOSED, said):
        why = f"the connection to {attempt.place} was closed before it stood: the pod's sshd is just starting, or something is in between"
        return WorkerUnreachableError(why, hint="fluxctl status", code="ssh_closed")
    if _any(_CONFIG, said):
        return SettingsError(f"your ssh configuration cannot be used: {_words(said)}", hint="ssh -G fluxctl-pod", code="ssh_config")
    return WorkerUnreachableError(f"the pod at {attempt.place} cannot be reached: {_words(said)}", hint="fluxctl status", code="ssh_failed")


def _other_machine(attempt: Attempt) -> OtherMachineError:
    why = (
        f"{attempt.place} does not have the host key that pod {attempt.pod_id} was given: another machine answers there, or the pod was"
        " created anew by somebody else; nothing was sent to it"
    )
    return OtherMachineError(why, hint="fluxctl status; if the pod is yours no more: fluxctl down, then fluxctl up")


def _key_refused(attempt: Attempt) -> KeyRefusedError:
    identity = attempt.identity
    if identity.needs_passphrase:
        why = f"the SSH key {identity.words} has a passphrase, and the agent does not hold it"
        return KeyRefusedError(why, hint=unlock_hint(identity), code="key_locked")
    why = f"pod {attempt.pod_id} does not let you in with {identity.words}: it was created with another key"
    hint = "set the key that it was created with: SSH_KEY=~/.ssh/… (link.ssh_key); or fluxctl down, then fluxctl up"
    return KeyRefusedError(why, hint=hint)


def _any(signs: tuple[str, ...], said: str) -> bool:
    return any(sign in said for sign in signs)


def _words(said: str) -> str:
    """Return the last lines of what ssh said in one, without control characters: a remote machine may have written them."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return re.sub(r"[^\x20-\x7e]", "?", "; ".join(lines[-3:]))[:400] or "ssh did not say why"
