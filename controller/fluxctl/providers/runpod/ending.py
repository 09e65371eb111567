"""Ends a rented pod and makes sure: only RunPod's own answer, to the right key and a minute after creation, says that it is gone."""

from contextlib import suppress
from dataclasses import dataclass

from fluxctl.errors import FluxctlError, NotConfirmedError, ProviderError, SettingsError
from fluxctl.ledger import RentedPod
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.rental import RentalState
from fluxctl.pods.verdicts import CONFIRMABLE_SECONDS
from fluxctl.providers.base import Report, unheard
from fluxctl.providers.pod_keys import PodFolder
from fluxctl.providers.runpod.described import has_ended
from fluxctl.providers.runpod.naming import CONSOLE
from fluxctl.providers.runpod.tenant import Tenant

PATIENCE_SECONDS = 180.0
"""For RunPod to say that it is gone."""
STOP_PATIENCE_SECONDS = 120.0
"""A stop is shown after a minute or so; one that is not is made an end."""
POLL_SECONDS = 2.0
ASK_AGAIN_SECONDS = 20.0
_FINAL = ("rights",)
"""Trying again changes nothing."""


@dataclass(frozen=True)
class Ending:
    """Ends this user's pods."""

    tenant: Tenant

    def end(self, pod: RentedPod, report: Report = unheard) -> None:
        """End a pod of the ledger for good; raise NotConfirmedError when it cannot be known to be gone."""
        self._require_account(pod)
        with self.tenant.book() as book:
            book.ending(pod.id, self.tenant.now())
        if not self._terminated(pod, report, at_least_seconds=CONFIRMABLE_SECONDS):
            raise self._not_confirmed(pod.id, f"RunPod still shows it after {PATIENCE_SECONDS:.0f} s")
        self.close(pod.id)

    def give_up(self, pod: RentedPod, why: str, report: Report = unheard) -> None:
        """End a pod that did not come up, so that the next can be ordered: its end is asked for and seen, and confirmed later."""
        with self.tenant.book() as book:
            book.ending(pod.id, self.tenant.now())
        report(self._look(pod, 0.0, why))
        if not self._terminated(pod, report, at_least_seconds=0.0):
            raise self._not_confirmed(pod.id, f"RunPod still shows it after {PATIENCE_SECONDS:.0f} s")

    def stop(self, pod: RentedPod, report: Report = unheard) -> bool:
        """Stop a pod that keeps its own disk; one that does not stop is ended. Return whether it is stopped; raise NotConfirmedError."""
        self._require_account(pod)
        environment, began = self.tenant.environment, self.tenant.environment.monotonic()
        try:
            self.tenant.api.stop(pod.id)
            while environment.monotonic() - began < STOP_PATIENCE_SECONDS:
                rental = self.tenant.api.rental(pod.id)
                if rental is not None and rental.state is RentalState.STOPPED:
                    with self.tenant.book() as book:
                        book.stopped(pod.id, self.tenant.now())
                    self.forget(pod.id, keys=False)
                    return True
                if has_ended(rental):
                    break
                report(self._look(pod, environment.monotonic() - began, "it is stopped; its disk stays"))
                environment.sleep(POLL_SECONDS)
        except SettingsError:
            raise
        except FluxctlError as error:
            report(self._look(pod, environment.monotonic() - began, f"it cannot be stopped, and is ended ({error.message})"))
        self.end(pod, report)
        return False

    def close(self, pod_id: str) -> None:
        """Note that a pod is gone, and forget what belonged to it; one that ended by itself has not outlived its lifetime."""
        with self.tenant.book() as book:
            entry = book.pod(pod_id)
            book.gone(pod_id, min(self.tenant.now(), entry.latest_end_at) if entry is not None else self.tenant.now())
        self.forget(pod_id)

    def forget(self, pod_id: str, *, keys: bool = True) -> None:
        """Drop the kept connection to a pod, and its keys; what cannot be closed ends by itself without a pod."""
        from fluxctl.link.remote import disconnect

        with suppress(FluxctlError):
            disconnect(self.tenant.environment, pod_id)
        if keys:
            PodFolder(self.tenant.environment.paths.state, pod_id).remove()

    def _terminated(self, pod: RentedPod, report: Report, *, at_least_seconds: float) -> bool:
        """Ask for the end and look until RunPod says that the pod is gone; return False when it does not in time."""
        environment, began = self.tenant.environment, self.tenant.environment.monotonic()
        asked_at: float | None = None
        trouble = note = ""
        while True:
            waited = environment.monotonic() - began
            report(self._look(pod, waited, trouble or note))
            try:
                if asked_at is None or waited - asked_at >= ASK_AGAIN_SECONDS:
                    self.tenant.api.terminate(pod.id)
                    asked_at = waited
                gone, age = has_ended(self.tenant.api.rental(pod.id)), max(self.tenant.now() - pod.created_at, waited)
                if gone and age >= at_least_seconds:
                    return True
                trouble, note = "", _too_young(at_least_seconds - age) if gone else ""
            except SettingsError as error:
                raise self._not_confirmed(pod.id, error.message, error) from error
            except ProviderError as error:
                if error.code in _FINAL:
                    raise self._not_confirmed(pod.id, error.message, error) from error
                trouble = error.message
            if waited > PATIENCE_SECONDS:
                if trouble:
                    raise self._not_confirmed(pod.id, trouble)
                return False
            environment.sleep(POLL_SECONDS)

    def _look(self, pod: RentedPod, seconds: float, detail: str) -> Progress:
        return Progress(Stage.ENDING, seconds, detail, cost_usd=pod.cost_until(self.tenant.now()))

    def _require_account(self, pod: RentedPod) -> None:
        """Raise NotConfirmedError unless the key is of the account that rented the pod; one that sees it is, where the API tells no id."""
        if self.tenant.is_same_account(pod.account_id):
            return
        try:
            seen = self.tenant.api.rental(pod.id)
        except FluxctlError as error:
            raise self._not_confirmed(pod.id, error.message, error) from error
        if seen is None:
            raise other_account(pod.id)
        self.tenant.proven.add(pod.account_id)

    def _not_confirmed(self, pod_id: str, why: str, error: FluxctlError | None = None) -> NotConfirmedError:
        hint = f"look and end it there: {CONSOLE}; then fluxctl sweep --apply"
        code = error.code if error else "not_confirmed"
        return NotConfirmedError(f"the pod {pod_id} cannot be known to be gone, and may still cost: {why}", hint=hint, code=code)


def _too_young(seconds: float) -> str:
    """Return why a pod that RunPod does not list is not yet taken for gone."""
    why = "RunPod says that it is gone; of a pod that was only just rented that may mean that it is not listed yet"
    return f"{why}, so it is asked again in {max(1.0, seconds):.0f} s (Ctrl-C is safe: the next command asks)"


def other_account(pod_id: str) -> NotConfirmedError:
    """Given a pod that another account rented, return the error: the key of now cannot say what became of it."""
    why = (
        f"the pod {pod_id} was rented with a key of another account, and RUNPOD_API_KEY is not of that one:"
        " whether it is gone cannot be known"
    )
    return NotConfirmedError(why, hint=f"set RUNPOD_API_KEY to a key of that account, or look there: {CONSOLE}", code="other_account")
