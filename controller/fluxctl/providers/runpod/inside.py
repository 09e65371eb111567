"""Reads what lies inside a rented pod, over SSH: logs, and the watchdog's words; asking changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fluxctl.errors import FluxctlError
from fluxctl.link.remote import entrypoint_state
from fluxctl.link.remote_output import lines_of, output_of
from fluxctl.pods.pod import LogTail, Pod, WatchReport
from fluxctl.providers.base import Log
from fluxctl.providers.runpod.described import contract_of
from fluxctl.providers.runpod.reaching import Reaching
from fluxctl.providers.runpod.tenant import Tenant
from fluxctl.providers.watch_state import watch_report_of
from fluxpod.pod_contract import ContractError, EntrypointState, PodPaths

_WATCH = """\
if [ -e "$2" ] && ! flock --shared --nonblock "$2" true; then echo alive; else echo gone; fi
cat "$1" 2>/dev/null
"""
"""Prints whether the watchdog holds its lock, then what it said."""
_TAIL = 'tail -n "$1" "$2" 2>/dev/null'
_FOLLOW = """\
tail -n "$1" -F "$2" 2>/dev/null & follower=$!
cat >/dev/null
kill "$follower"
"""
"""Follows a file until stdin is closed, which happens when fluxctl goes away, however it does."""
SYSTEM = "RunPod's own log"


@dataclass(frozen=True)
class Inside:
    """Looks into pods of one user."""

    tenant: Tenant
    reaching: Reaching

    def tail(self, pod: Pod, which: Log, lines: int) -> LogTail:
        """Return the end of a log; where SSH does not get there, of what RunPod has kept of the pod's output."""
        if which is Log.SYSTEM:
            return LogTail(self._kept(pod, lines, system=True), f"{pod.id}: {SYSTEM}")
        file = _file(pod, which)
        try:
            said = self._output(pod, ["sh", "-c", _TAIL, "sh", str(lines), str(file)]) if lines else ""
        except FluxctlError:
            return LogTail(self._kept(pod, lines, system=False), f"{pod.id}: its output, as RunPod keeps it")
        return LogTail(tuple(said.splitlines()[-lines:]) if lines else (), f"{pod.id}:{file}")

    def follow(self, pod: Pod, which: Log, lines: int) -> Iterator[str]:
        """Yield the end of a log, then each new line, until the pod is gone."""
        if which is Log.SYSTEM:
            return self.tenant.api.follow_log(pod.id, system=True, tail=lines)
        remote = self.reaching.remote(pod)
        command = ["sh", "-c", _FOLLOW, "sh", str(lines), str(_file(pod, which))]
        return lines_of(self.tenant.environment, remote, self.tenant.settings.values.link, command)

    def watch_report(self, pod: Pod) -> WatchReport:
        """Return what the watchdog does and will do; not alive where that cannot be asked."""
        paths = _paths(pod)
        log = f"{pod.id}:{paths.watchdog_log}"
        try:
            said = self._output(pod, ["sh", "-c", _WATCH, "sh", str(paths.watchdog_state), str(paths.watchdog_lock)])
        except FluxctlError:
            return WatchReport(alive=False, log=log)
        alive, _, state = said.partition("\n")
        return watch_report_of(state, log, alive == "alive")

    def entrypoint_state(self, pod: Pod) -> EntrypointState | None:
        """Return what its entrypoint says of its worker; None where that cannot be asked."""
        try:
            return entrypoint_state(self.tenant.environment, self.reaching.remote(pod), self.tenant.settings.values.link)
        except FluxctlError:
            return None

    def _output(self, pod: Pod, command: list[str]) -> str:
        return output_of(self.tenant.environment, self.reaching.remote(pod), self.tenant.settings.values.link, command)

    def _kept(self, pod: Pod, lines: int, *, system: bool) -> tuple[str, ...]:
        """Return the last lines that RunPod keeps, none where it does not tell."""
        api = self.tenant.api
        try:
            return tuple((api.system_log if system else api.container_log)(pod.id, lines)) if lines else ()
        except FluxctlError:
            return ()


def _paths(pod: Pod) -> PodPaths:
    """Return where the pod keeps things."""
    try:
        return contract_of(pod.rental).paths if pod.rental else PodPaths(Path("/"))
    except ContractError:
        return PodPaths(Path("/"))


def _file(pod: Pod, which: Log) -> Path:
    paths = _paths(pod)
    return paths.worker_log if which is Log.WORKER else paths.watchdog_log
