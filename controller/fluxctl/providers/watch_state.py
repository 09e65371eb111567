"""Reads what the watchdog last said that it will do."""

import json
from typing import Any

from fluxctl.pods.pod import WatchReport
from fluxpod.pod_contract import PodPaths


def read_watch_report(paths: PodPaths, alive: bool) -> WatchReport:
    """Given a pod's paths and whether its watchdog lives, return the report; only a living watchdog's words count."""
    try:
        text = paths.watchdog_state.read_bytes()
    except OSError:
        text = b""
    return watch_report_of(text, str(paths.watchdog_log), alive)


def watch_report_of(text: str | bytes, log: str, alive: bool) -> WatchReport:
    """Given what the watchdog wrote, where its log is and whether it lives, return the report."""
    try:
        said: Any = json.loads(text)
        if alive:
            return WatchReport(
                alive=True,
                log=log,
                reason=str(said["reason"]),
                ends_at=float(said["ends_at"]),
                lifetime_ends_at=float(said["lifetime_ends_at"]),
                in_use=bool(said["in_use"]),
            )
    except (ValueError, TypeError, KeyError):
        pass
    return WatchReport(alive=alive, log=log)
