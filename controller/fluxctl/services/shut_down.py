"""Ends a pod: lets the running picture finish, has what is finished brought home, ends it, and makes sure."""

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, NotConfirmedError, NotReadyError, ProviderError, SettingsError
from fluxctl.link.client import WorkerClient
from fluxctl.pods.pod import Pod
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.base import PodStateLostError, Provider, Report
from fluxctl.providers.runpod.naming import CONSOLE
from fluxctl.services.choice import PROVIDERS
from fluxctl.services.metered import metered
from fluxctl.services.provider import Chosen, chosen, open_provider, settle
from fluxctl.services.still_rented import still_rented
from fluxctl.settings.load import Settings

POLL_SECONDS = 0.1
BeforeEnd = Callable[[WorkerClient], None]


@dataclass(frozen=True)
class Ended:
    """What `shut_down` found and ended."""

    pod: Pod | None
    """None: nothing ran, or nothing that could be described."""
    anything: bool
    """Whether something ran."""
    notes: tuple[str, ...] = ()
    volume: str = ""
    """What stays of it, "" where that is a folder on this computer."""
    cost_usd: float | None = None
    """All that it cost; None where it cost nothing, or that is not known."""
    cost_basis: str = "estimated"
    kept: str | None = None
    """That the pod was stopped and not ended, and what its disk costs; None: it is gone."""

    @property
    def how_to_delete(self) -> str:
        """Return what to type, or where to click, to delete the volume."""
        rented = self.pod is not None and self.pod.rental is not None
        return "RunPod's console (Storage)" if rented else f"docker volume rm {self.volume}"

    def document(self) -> dict[str, Any]:
        """Return the pod's part of the JSON object."""
        return {
            "id": self.pod and self.pod.id,
            "cost_usd": self.cost_usd,
            "cost_basis": self.cost_basis,
            "stopped": self.kept is not None,
        }


def chosen_to_end(flag: str | None, environment: Environment, settings: Settings) -> Chosen:
    """Given `--provider`, return the provider whose pod is ended; raise NotConfirmedError when one that has been used cannot be asked."""
    with confirming(environment):
        return chosen(flag, environment, settings)


@contextmanager
def confirming(environment: Environment) -> Generator[None]:
    """Let nothing that refuses to answer read as "gone": within, what cannot be asked is raised as NotConfirmedError."""
    try:
        yield
    except (ProviderError, SettingsError) as error:
        left = [one.words for one in still_rented(environment)]
        if isinstance(error, SettingsError) and not left:
            raise
        which = f"; by the ledger these may cost money: {', '.join(left)}; see {CONSOLE}" if left else ""
        why = f"a worker may still run, and it cannot be known: {error.message}{which}"
        raise NotConfirmedError(why, hint=error.hint, code=error.code) from error


def shut_down(environment: Environment, settings: Settings, *, provider: str, before_end: BeforeEnd, report: Report) -> Ended:
    """Given a provider that was chosen, end its pod and return what there was; nothing at all is no error.

    `before_end` is called once the worker has finished its picture and takes no new job. Neither what it raises nor what the worker
    answers stops the ending: it is noted, and what was not brought home stays on the volume.
    Raise NotConfirmedError when the pod cannot be known to be gone.
    """
    with confirming(environment):
        notes = settle(provider, environment, settings, report)
        ended = end_pod(environment, open_provider(provider, environment, settings), before_end, report)
    cost = _cost(environment, ended.pod) if ended.pod is not None and ended.pod.rental is not None else (None, "estimated")
    return replace(ended, notes=(*notes, *ended.notes), cost_usd=cost[0], cost_basis=cost[1])


def _cost(environment: Environment, pod: Pod) -> tuple[float | None, str]:
    """Return what the ledger says that a pod has cost, and how it knows."""
    from fluxctl.ledger import Ledger

    with Ledger.open(environment) as ledger:
        entry = ledger.rentals.pod(pod.id)
    if entry is None:
        return pod.cost_usd(environment.now()), "estimated"
    return entry.cost_until(environment.now()), entry.cost_basis


def end_pod(environment: Environment, provider: Provider, before_end: BeforeEnd, report: Report) -> Ended:
    """Given an opened provider, do what `shut_down` does."""
    try:
        pod = provider.find()
    except PodStateLostError as error:
        return Ended(None, provider.end_everything(report), (error.message,), provider.volume)
    if pod is None or pod.adopted:  # what another computer rented is ended only where that is said: `down --all`
        return Ended(None, provider.end_everything(report), (), provider.volume)
    report = metered(report, pod, environment.now)
    notes = _finish(environment, provider, pod, before_end, report)
    report(Progress(Stage.ENDING, 0.0))
    provider.end(pod, report)
    provider.tidy()
    return Ended(pod, anything=True, notes=notes, volume=provider.volume, kept=provider.stopped())


def tidy_others(environment: Environment, settings: Settings, provider: str) -> None:
    """Remove what has ended by itself at the other providers; one that cannot be asked is left alone."""
    for name in PROVIDERS:
        if name != provider:
            with suppress(FluxctlError):
                open_provider(name, environment, settings).tidy()


def _finish(environment: Environment, provider: Provider, pod: Pod, before_end: BeforeEnd, report: Report) -> tuple[str, ...]:
    """Drain the worker and call `before_end`; return what is worth telling."""
    try:
        client = provider.connect(pod)
    except FluxctlError as error:
        return (_all_the_same(error),)
    notes: list[str] = []
    try:
        try:
            client.drain()
            if not _await_drained(environment, provider, pod, client, report):
                notes.append(f"the running picture was not done after {pod.limits.drain_seconds:.0f} s; its job stays queued")
        except NotReadyError as error:
            # It cannot be spoken to: it would not hand out pictures either.
            return (_all_the_same(error),)
        except FluxctlError as error:
            notes.append(_all_the_same(error))
        before_end(client)
    except (FluxctlError, OSError) as error:
        why = error.message if isinstance(error, FluxctlError) else str(error)
        notes.append(f"{why}. What was not brought home stays on the volume: fluxctl fetch")
    finally:
        client.close()
    return tuple(notes)


def _all_the_same(error: FluxctlError) -> str:
    return f"{error.message}; it is ended all the same"


def _await_drained(environment: Environment, provider: Provider, pod: Pod, client: WorkerClient, report: Report) -> bool:
    """Wait for the running picture, at most as long as the pod's limits say; return whether it is done."""
    began = environment.monotonic()
    while client.idle().busy and provider.is_alive(pod):
        waited = environment.monotonic() - began
        if waited > pod.limits.drain_seconds:
            return False
        report(Progress(Stage.DRAINING, waited, "the running picture is finished first"))
        environment.sleep(POLL_SECONDS)
    return True
