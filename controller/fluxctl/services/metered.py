"""Adds to each report what the pod has cost so far."""

from collections.abc import Callable
from dataclasses import replace

from fluxctl.pods.pod import Pod
from fluxctl.pods.progress import Progress
from fluxctl.providers.base import Report


def metered(report: Report, pod: Pod, now: Callable[[], float]) -> Report:
    """Given who hears of progress, a pod and the clock, return who hears of it with the money; of a pod that costs nothing: the same."""
    if pod.rental is None:
        return report

    def hear(progress: Progress) -> None:
        report(replace(progress, cost_usd=pod.cost_usd(now())) if progress.cost_usd is None else progress)

    return hear
