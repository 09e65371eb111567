"""Decides whether a ready worker is good enough, or is ended so that a new one takes its place."""

from dataclasses import dataclass

from fluxctl.errors import NotReadyError
from fluxctl.link.client import WorkerClient
from fluxctl.pods.pod import Pod, PodPlan
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.base import Provider, Report
from fluxctl.services.provider import kept_limits
from fluxpod.protocol import PROTOCOL, Health, source_hash

EMBEDDED = "embedded"
MAKE_IMAGE = "make image, then fluxctl down and up; or fluxctl sync"
"""How a pod of an image gets this version's code."""


@dataclass(frozen=True)
class Fitness:
    """Looks at one provider's worker with a plan in mind."""

    provider: Provider
    plan: PodPlan
    report: Report

    def judged(self, pod: Pod, client: WorkerClient, health: Health, started: bool) -> tuple[Health, tuple[str, ...]] | None:
        """Return the health of a worker of this version that can load the model, with notes; end one that nobody uses and that
        is older or lacks HF_TOKEN, and say it of one that is used."""
        kept = () if started else kept_limits(pod, self.plan.limits)
        if health.protocol == PROTOCOL and health.source_hash == source_hash():
            if started or not self._lacks_hub_token(pod, health):
                return health, kept
            if self._ended_idle(pod, client, "a worker that was started without this HF_TOKEN"):
                return None
            busy = "the worker was started without this HF_TOKEN and is at work; if a download is refused: fluxctl down, then try again"
            return health, (*kept, busy)
        return self._of_another_version(pod, client, health, kept)

    def _of_another_version(
        self, pod: Pod, client: WorkerClient, health: Health, kept: tuple[str, ...]
    ) -> tuple[Health, tuple[str, ...]] | None:
        """Replace a worker of another version where a new one would be of this version and nobody uses it; else use it, and say so."""
        would_fit = self.provider.source_hash() == source_hash()
        if would_fit and self._ended_idle(pod, client, "a worker of another version"):
            return None
        if health.protocol != PROTOCOL:
            at_work, wait = (
                (", and it is at work", "wait until it is done (fluxctl status), or fluxctl down") if would_fit else ("", MAKE_IMAGE)
            )
            why = f"the worker that runs speaks protocol {health.protocol}, this fluxctl {PROTOCOL}{at_work}"
            raise NotReadyError(why, hint=wait, code="other_protocol")
        if would_fit:
            return health, (*kept, "the worker is of another version than fluxctl and at work; it is replaced when it is idle")
        return health, (*kept, f"the worker runs other code than this fluxctl; {MAKE_IMAGE}")

    def _lacks_hub_token(self, pod: Pod, health: Health) -> bool:
        """Return whether the model still has to come from the hub, and the worker does not have the person's token for it."""
        source, token = self.plan.source, self.plan.hub_token
        from_hub = source != EMBEDDED and not source.startswith("/")
        return token is not None and from_hub and health.model != self.plan.model and not self.provider.knows_hub_token(pod, token)

    def _ended_idle(self, pod: Pod, client: WorkerClient, what: str) -> bool:
        """End a worker that nobody uses; return False when it is used, or when another computer rented it: that one may count on it."""
        if pod.adopted:
            return False
        idle = client.idle()
        if idle.busy or not client.drain(idle.activity_seen):
            return False
        self.report(Progress(Stage.ENDING, 0.0, what))
        self.provider.end(pod, self.report)
        return True
