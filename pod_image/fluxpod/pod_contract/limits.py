"""Says when a pod has to end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """When a pod has to end, in seconds; the watchdog keeps every clock."""

    idle_timeout_seconds: float = 600.0
    """Without use for this long, counted from the last movement seen."""
    boot_grace_seconds: float = 1800.0
    """Until the worker is first ready: since the last progress of download, load or compile."""
    lifetime_seconds: float = 28800.0
    """Since creation, whatever happens."""
    drain_seconds: float = 120.0
    """How long the running picture may take to finish once the end is decided."""
    stall_timeout_seconds: float = 300.0
    """Work whose counter has not moved for this long no longer counts as use."""
    silence_timeout_seconds: float = 60.0
    """A worker that has not answered for this long no longer counts as used."""
