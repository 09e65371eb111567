"""Decides what the entrypoint answers about the pod: a pure function of facts and `now`."""

from dataclasses import dataclass

from fluxpod import pod_contract as names
from fluxpod.entrypoint.child import in_words
from fluxpod.entrypoint.lives import Lives
from fluxpod.entrypoint.permission import Permission
from fluxpod.pod_contract import EntrypointState, WorkerLife


@dataclass(frozen=True)
class Facts:
    """Everything that the answer depends on."""

    draining: bool
    permission: Permission
    restart_wanted: bool
    worker: Lives
    worker_log: tuple[str, ...]
    sshd: Lives
    sshd_trouble: str
    sshd_last_line: str
    fingerprint: str
    problems: tuple[str, ...]


def state_of(facts: Facts, now: float) -> EntrypointState:
    """Given the facts and `now` (monotonic seconds), return the answer."""
    state, detail = _worker_state(facts, now)
    waits = facts.worker.next_start if facts.permission.granted and not facts.draining else None
    return EntrypointState(
        state=state,
        detail="; ".join(filter(None, (detail, *facts.problems))),
        worker=WorkerLife(
            restarts=facts.worker.restarts,
            exit_code=facts.worker.exit_code,
            next_start_seconds=None if waits is None else max(0.0, waits - now),
        ),
        sshd=_sshd_state(facts),
        host_key_fingerprint=facts.fingerprint,
        log=facts.worker_log,
    )


def _worker_state(facts: Facts, now: float) -> tuple[str, str]:
    worker = facts.worker
    if facts.draining:
        return names.DRAINING, "the pod is ending"
    if not facts.permission.granted:
        return (names.FAILED, facts.permission.refusal) if facts.permission.refusal else (names.STARTING, "")
    if facts.restart_wanted:
        return names.RESTARTING, "the worker is ended to start afresh"
    if worker.is_hopeless(now):
        return names.FAILED, _last_words(facts)
    if worker.is_looping(now):
        last = "" if worker.exit_code is None else f", the last time with {in_words(worker.exit_code)}"
        return names.CRASH_LOOP, f"the worker ended {worker.deaths_in_a_row} times in a row{last}"
    if worker.started_at is not None:
        return names.RUNNING, ""
    if worker.deaths_in_a_row and worker.exit_code is not None:
        return names.RESTARTING, f"the worker ended with {in_words(worker.exit_code)}"
    return names.STARTING, ""


def _last_words(facts: Facts) -> str:
    """Return what the worker said last, without the entrypoint's own line about its end."""
    said = (line for line in reversed(facts.worker_log) if line.strip() and not line.startswith("==="))
    return next(said, "the worker cannot start")


def _sshd_state(facts: Facts) -> str:
    if facts.sshd_trouble:
        return f"failed: {facts.sshd_trouble}"
    if facts.sshd.started_at is not None:
        return names.SSHD_RUNNING
    if not facts.sshd.deaths_in_a_row:
        return names.STARTING
    return f"failed: {facts.sshd_last_line}"
