"""The one kept ssh connection to a pod: found alive and used again, else built anew, with two sockets that lead into the pod."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.link.errors import WorkerUnreachableError
from fluxctl.link.host_key import checked_host_key
from fluxctl.link.identity import Identity, find_identity
from fluxctl.link.remote_pod import RemotePod
from fluxctl.link.ssh_options import SshSettings, master_options, pod_host, through_master
from fluxctl.link.ssh_process import run
from fluxctl.link.ssh_trouble import Attempt, explain_ssh
from fluxctl.link.tunnel_place import TunnelPlace, tunnel_place
from fluxctl.link.user_config import read_user_config

TOUCH_SECONDS = 30.0
"""For a finger on a hardware key, after the connection has come about."""
CLOSE_SECONDS = 10.0
"""For another fluxctl to finish connecting first."""
_PID = re.compile(r"pid=(\d+)")


@dataclass
class Tunnel:
    """The way to one pod."""

    environment: Environment
    remote: RemotePod
    settings: SshSettings
    _seen: int | None = field(default=None, init=False)
    """Process id of the master that was used last."""

    @cached_property
    def place(self) -> TunnelPlace:
        """Where its sockets lie."""
        return tunnel_place(self.environment, self.remote.pod_id)

    @cached_property
    def host(self) -> str:
        """What ssh calls the pod."""
        return pod_host(self.remote.pod_id)

    def open(self) -> bool:
        """Make sure that a master lives and its sockets stand; return whether it is another one than at the last call.

        Raise WorkerUnreachableError when the pod cannot be reached now, OtherMachineError, KeyRefusedError, KeyFileError or
        SshMissingError when trying again would not help.
        """
        master = self._master()
        if master is None:
            limit = self._limit_seconds + TOUCH_SECONDS
            with self.place.alone(limit, self.environment.monotonic, self.environment.sleep):
                master = self._master()
                if master is None:
                    self._build()
                    master = self._master()
        if master is None:
            why = "the connection to the pod broke as soon as it stood"
            raise WorkerUnreachableError(why, hint="fluxctl status", code="ssh_closed")
        another, self._seen = master != self._seen, master
        return another

    @property
    def _limit_seconds(self) -> float:
        """Return how long connecting may take at most, hardware keys included."""
        return self.settings.connect_timeout_seconds + TOUCH_SECONDS

    def _master(self) -> int | None:
        """Return the process id of the living master, None when there is none, or one that hangs."""
        place = self.place
        if not (place.control.is_socket() and place.worker.is_socket() and place.entrypoint.is_socket()):
            return None
        checked = run(through_master(place.control, self.host, "-O", "check"), self.environment.variables)
        found = _PID.search(checked.out + checked.err) if checked.code == 0 else None
        return int(found[1]) if found else None

    def _build(self) -> None:
        """Connect, to where the pod is by now, and let the two sockets lead there."""
        if not self.remote.is_alive():
            raise WorkerUnreachableError("the pod has ended", hint="fluxctl status", code="worker_died")
        self._end()
        identity = find_identity(self.environment, self.settings, make=False)
        attempt = Attempt(self.remote.pod_id, self.remote.address(), identity, self.settings.connect_timeout_seconds)
        ran = run(self._command(attempt), self.environment.variables, self._limit_seconds)
        if ran.code != 0:
            raise explain_ssh(ran, attempt)
        try:
            self._forward()
        except BaseException:
            # Ctrl-C too: half a tunnel is of no use to the next command.
            self._end()
            raise

    def _command(self, attempt: Attempt) -> list[str]:
        place = self.place
        place.write(place.known_hosts, f"{self.host} {checked_host_key(self.remote.host_key)}")
        config = read_user_config(self.environment.variables, self.environment.home, self.host)
        options = master_options(
            self.host,
            attempt.address,
            self.settings,
            known_hosts=place.known_hosts,
            identity=attempt.identity.private_key or self._public_half(attempt.identity),
            command_vouches=config.known_hosts_command,
        )
        return ["ssh", "-N", "-f", "-T", "-S", str(place.control), *options, self.host]

    def _public_half(self, identity: Identity) -> Path:
        self.place.write(self.place.identity, identity.public_key)
        return self.place.identity

    def _forward(self) -> None:
        """Ask the master, which reads none of the user's own forwards, for the two sockets."""
        place, remote = self.place, self.remote
        ways = ("-L", f"{place.worker}:127.0.0.1:{remote.worker_port}", "-L", f"{place.entrypoint}:{remote.entrypoint_socket}")
        ran = run(through_master(place.control, self.host, "-O", "forward", *ways), self.environment.variables)
        if ran.code != 0:
            why = f"the sockets in {place.folder} cannot be made: {' '.join(ran.err.split())[:300] or 'ssh did not say why'}"
            raise WorkerUnreachableError(why, hint=f"look at it: ls -la {place.folder}", code="tunnel_sockets")

    def _end(self) -> None:
        _end_master(self.place, self.host, self.environment)


def close_tunnel(environment: Environment, pod_id: str) -> None:
    """Given a pod's id, end its master and remove what lies there; one that is gone is no error."""
    place = tunnel_place(environment, pod_id)
    with place.alone(CLOSE_SECONDS, environment.monotonic, environment.sleep):
        _end_master(place, pod_host(pod_id), environment)
        place.remove(place.known_hosts, place.identity)


def _end_master(place: TunnelPlace, host: str, environment: Environment) -> None:
    """End the master, if there is one, and remove its sockets; one that hangs is left without them, and goes when it is not used."""
    if place.control.is_socket():
        with suppress(FluxctlError):
            run(through_master(place.control, host, "-O", "exit"), environment.variables)
    place.clear_sockets()
