"""A real sshd on 127.0.0.1, with a host key and authorized_keys of its own, run by whoever runs the tests."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
PATIENCE_SECONDS = 20.0
CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
Subsystem sftp internal-sftp
MaxSessions 50
"""


def require_sshd() -> str:
    """Return sshd's path; skip the test without one, fail where CI promised it."""
    if SSHD is None:
        if os.environ.get("TESTS_NEED_DOCKER") == "1":
            pytest.fail("sshd is not installed (openssh-server)")
        pytest.skip("sshd is not installed: sudo apt install openssh-server")
    return SSHD


def make_key(path: Path, *, kind: str = "ed25519", passphrase: str = "") -> str:
    """Make a pair of keys and return the public half, type and key."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)], check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def free_port() -> int:
    """Return a port on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class SshServer:
    """One pod's sshd; may be killed, and started again elsewhere."""

    folder: Path
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    user: str = field(default_factory=getpass.getuser)

    def __post_init__(self) -> None:
        """Make keys and places."""
        require_sshd()
        self.host_key = make_key(self.folder / "host_key")
        (self.folder / "authorized_keys").touch()
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # root's sshd insists on it

    def let_in(self, *public_keys: str) -> None:
        """Let these keys in, and no others."""
        (self.folder / "authorized_keys").write_text("".join(f"{key}\n" for key in public_keys))

    @property
    def log(self) -> str:
        """Everything that sshd said, in all its lives."""
        return (self.folder / "sshd.log").read_text()

    def start(self) -> "SshServer":
        """Start it on another port than before, and wait until it listens."""
        self.port = free_port()
        config = self.folder / "sshd_config"
        config.write_text(CONFIG.format(port=self.port, folder=self.folder))
        with (self.folder / "sshd.log").open("ab") as log:
            command = [require_sshd(), "-D", "-e", "-f", str(config)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            assert time.monotonic() < end and self.process.poll() is None, self.log
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a pod ends that loses its power: with every connection that it serves."""
        if self.process is not None:
            for child in children(self.process.pid):
                os.kill(child, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
            self.process = None


def children(parent: int) -> list[int]:
    """Return the processes below one, which lead sessions of their own."""
    found: list[int] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            child = int(status.parent.name)
            found += [child, *children(child)]
    return found


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """Yield a server that listens; it is killed at the end, in whatever life it then is."""
    server = SshServer(folder)
    try:
        yield server.start()
    finally:
        server.kill()
