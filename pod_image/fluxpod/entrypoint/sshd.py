"""Prepares sshd: keys only, for whom PUBLIC_KEY names; sessions with the container's environment but its secrets."""

import os
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fluxpod import pod_contract as names
from fluxpod.entrypoint import session_environment
from fluxpod.entrypoint.keys import UnusableKeyError, own_host_key, usable_keys, write_host_key
from fluxpod.pod_contract import ContractError, PodPaths
from fluxpod.pod_contract.reading import port_of
from fluxpod.whole_files import write_whole

SFTP_SERVERS = ("/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server")
PRIVILEGE_SEPARATION = Path("/run/sshd")
"""Built into sshd: no setting moves it, and root's sshd does not start without it."""
_ADDRESS = re.compile(r"[0-9A-Za-z.:%_-]+", re.ASCII)
_CONFIG = """\
# Written by fluxpod at every start.
Port {port}
ListenAddress {address}
HostKey "{host_key}"
PidFile none
AuthorizedKeysFile "{authorized_keys}"
StrictModes {strict}
PubkeyAuthentication yes
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
PermitRootLogin prohibit-password
UsePAM no
PermitUserEnvironment no
AcceptEnv LANG LC_*
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
StreamLocalBindUnlink yes
GatewayPorts no
X11Forwarding no
PrintMotd no
UseDNS no
TCPKeepAlive yes
ClientAliveInterval 15
ClientAliveCountMax 4
LoginGraceTime 30
MaxStartups 50:30:200
MaxSessions 100
LogLevel INFO
Subsystem sftp {sftp}
ForceCommand /bin/sh {session}
"""


@dataclass(frozen=True)
class Prepared:
    """What was prepared, and what could not be; `trouble` keeps sshd from starting."""

    config: Path
    fingerprint: str = ""
    problems: tuple[str, ...] = ()
    trouble: str = ""

    def command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """Return words and environment of sshd, in the foreground and with its log on stderr."""
        program = shutil.which("sshd") or "/usr/sbin/sshd"
        return (program, "-D", "-e", "-f", str(self.config)), {"PATH": os.defpath}


def prepare(variables: Mapping[str, str], paths: PodPaths) -> Prepared:
    """Given the container's environment, write what sshd reads; whatever fails is said and ends nothing."""
    config = paths.run / "sshd_config"
    problems: list[str] = []
    try:
        host_key = paths.run / "ssh_host_ed25519_key"
        fingerprint = _host_key(variables.get(names.HOST_KEY, ""), host_key, problems)
        authorized_keys = _authorized_keys(variables.get(names.PUBLIC_KEY, ""), paths.root, problems)
        _write_session_files(variables, paths)
        text = _CONFIG.format(
            port=_port(variables, problems),
            address=_address(variables, problems),
            host_key=host_key,
            authorized_keys=authorized_keys,
            strict="yes" if paths.root == Path("/") else "no",  # below /tmp, which anybody may write, no file would do
            sftp=next((server for server in SFTP_SERVERS if Path(server).exists()), SFTP_SERVERS[0]),
            session=shlex.quote(str(_session(paths))),
        )
        write_whole(config, os.fsencode(text))
        if os.geteuid() == 0:
            PRIVILEGE_SEPARATION.mkdir(mode=0o755, parents=True, exist_ok=True)
    except Exception as error:  # noqa: BLE001 - whatever keeps people out, the watchdog is not to end for it
        return Prepared(config, problems=tuple(problems), trouble=f"sshd cannot be prepared: {error}")
    return Prepared(config, fingerprint, tuple(problems))


def _host_key(given: str, file: Path, problems: list[str]) -> str:
    if given.strip():
        try:
            return write_host_key(given, file)
        except UnusableKeyError as error:
            problems.append(f"{names.HOST_KEY} cannot be used ({error}): the pod shows another key, which fluxctl will refuse")
    return own_host_key(file)


def _authorized_keys(public_key: str, root: Path, problems: list[str]) -> Path:
    keys, wrong = usable_keys(public_key)
    problems += wrong
    home = Path.home() if root == Path("/") else root / "root"
    folder = home / ".ssh"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / "authorized_keys", os.fsencode("".join(f"{key}\n" for key in keys)))
    return folder / "authorized_keys"


def _write_session_files(variables: Mapping[str, str], paths: PodPaths) -> None:
    environment = paths.run / "session_environment"
    write_whole(environment, session_environment.for_sessions(variables))
    write_whole(_session(paths), os.fsencode(session_environment.SESSION.format(environment=shlex.quote(str(environment)))))
    if os.geteuid() == 0:
        # A login shell's own /etc/profile would set PATH anew, and `python` would be another one.
        profile = paths.root / "etc" / "profile.d"
        profile.mkdir(mode=0o755, parents=True, exist_ok=True)
        (profile / "fluxpod.sh").write_text(f"[ -r {shlex.quote(str(environment))} ] && . {shlex.quote(str(environment))}\n")
        (profile / "fluxpod.sh").chmod(0o644)


def _session(paths: PodPaths) -> Path:
    return paths.run / "session.sh"


def _port(variables: Mapping[str, str], problems: list[str]) -> int:
    try:
        return port_of(variables, names.SSHD_PORT, names.DEFAULT_SSHD_PORT)
    except ContractError as error:
        problems.append(f"{error}; sshd listens on {names.DEFAULT_SSHD_PORT}")
        return names.DEFAULT_SSHD_PORT


def _address(variables: Mapping[str, str], problems: list[str]) -> str:
    given = variables.get(names.SSHD_ADDRESS, "") or names.DEFAULT_SSHD_ADDRESS
    if _ADDRESS.fullmatch(given):
        return given
    problems.append(f"{names.SSHD_ADDRESS} is no address: {given[:40]!r}; sshd listens on {names.DEFAULT_SSHD_ADDRESS}")
    return names.DEFAULT_SSHD_ADDRESS
