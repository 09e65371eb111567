"""What a sweep found: one pod or one entry of the ledger, the verdict on it, and what was done."""

from dataclasses import dataclass

from fluxctl.pods.verdicts import Action, Verdict


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    pod_id: str | None
    """None: an order of which no pod is known."""
    name: str
    provider: str
    verdict: Verdict
    reason: str
    action: Action
    """What is done about it, or would be."""
    gpu_type: str | None = None
    price_per_hour_usd: float | None = None
    created_at: float | None = None
    """Seconds since 1970 (UTC)."""
    done: bool = False
    error: str | None = None
    """Why the action failed."""
