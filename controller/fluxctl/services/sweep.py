"""Compares the ledger with the market: tells what lives and why, and ends what certainly should not."""

from dataclasses import dataclass

from fluxctl.environment import Environment
from fluxctl.pods.finding import Finding
from fluxctl.providers.base import Report, unheard
from fluxctl.providers.runpod.provider import RunpodProvider
from fluxctl.providers.runpod.reconciling import Reconciling
from fluxctl.providers.runpod.surveying import Surveying
from fluxctl.settings.load import Settings


@dataclass(frozen=True)
class Sweep:
    """What a sweep found, and did."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    applied: bool = False

    @property
    def failed(self) -> tuple[Finding, ...]:
        """Return what could not be ended or confirmed: it may still cost."""
        return tuple(finding for finding in self.findings if finding.error is not None)


def sweep(environment: Environment, settings: Settings, *, apply: bool, report: Report = unheard) -> Sweep:
    """Look, and with `apply` settle, adopt, close and end; raise SettingsError without a key, ProviderError where RunPod gives no list,
    NotConfirmedError where an order's outcome cannot be settled now."""
    provider = RunpodProvider(environment, settings)
    return sweep_with(provider, apply=apply, report=report)


def sweep_with(provider: RunpodProvider, *, apply: bool, report: Report = unheard) -> Sweep:
    """Given an opened provider, do what `sweep` does."""
    notes = provider.settle(report) if apply else ()
    surveying = Surveying(provider.tenant)
    found = surveying.look()
    if apply:
        found = tuple(surveying.apply(finding, report) for finding in found)
        billed = Reconciling(provider.tenant).reconcile()
        if billed:
            notes = (*notes, f"what {billed} pod{'s have' if billed > 1 else ' has'} cost is now known from RunPod's bills")
    return Sweep(found, notes, apply)
