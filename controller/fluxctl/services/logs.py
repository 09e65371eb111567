"""Reads the logs of the pod that lives, or of the one that lived last."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, UsageError
from fluxctl.pods.pod import LogTail
from fluxctl.providers.base import Log, Provider
from fluxctl.services.choice import RUNPOD
from fluxctl.services.provider import open_provider
from fluxctl.settings.load import Settings
from fluxpod.pod_contract import RUNNING, EntrypointState

SCHEMA = 1


@dataclass(frozen=True)
class Logs:
    """One log of one provider's pod."""

    provider: Provider
    which: Log

    @property
    def is_rented(self) -> bool:
        """Return whether it is the log of a rented pod."""
        return self.provider.name == RUNPOD

    def tail(self, lines: int) -> LogTail:
        """Return the last lines."""
        return self.provider.read_log(self.which, lines)

    def followed(self, lines: int) -> Iterator[str]:
        """Yield the last lines, then each new one, until the pod ends."""
        return self.provider.follow_log(self.which, lines)

    def down(self) -> EntrypointState | None:
        """Return what the pod's entrypoint says of a worker that is down; None: there is nothing to say."""
        if self.which is Log.SYSTEM:  # it is read where nothing of the pod answers yet
            return None
        try:
            pod = self.provider.find()
            state = self.provider.entrypoint_state(pod) if pod is not None else None
        except FluxctlError:
            return None
        return state if state is not None and state.state != RUNNING else None

    def document(self, tail: LogTail, down: EntrypointState | None) -> dict[str, Any]:
        """Return the JSON object of `logs --json`."""
        return {
            "schema": SCHEMA,
            "provider": self.provider.name,
            "log": str(self.which),
            "path": tail.path or None,
            "lines": list(tail.lines),
            "worker": down and {"state": down.state, "detail": down.detail},
            "error": None,
        }


def open_logs(environment: Environment, settings: Settings, *, provider: str, which: Log) -> Logs:
    """Given a provider that was chosen, return one of its logs; raise UsageError for the market's own where there is no market."""
    if which is Log.SYSTEM and provider != RUNPOD:
        why = f"--system is what RunPod writes of a rented pod, and the provider is {provider}"
        raise UsageError(why, hint="fluxctl logs, or fluxctl logs --watchdog", code="flags_conflict")
    return Logs(open_provider(provider, environment, settings), which)
