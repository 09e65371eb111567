"""Somebody with a pod behind a real sshd on this machine."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.far_pod import FarPod, Played, played
from tests.support.ssh_server import SshServer, ssh_server


@pytest.fixture
def home() -> Iterator[Path]:
    """A short folder: sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="fs-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(home: Path) -> Iterator[SshServer]:
    """A pod's sshd."""
    (home / "sshd").mkdir(mode=0o700)
    with ssh_server(home / "sshd") as running:
        yield running


@pytest.fixture
def script() -> Played:
    return Played()


@pytest.fixture
def far(home: Path, server: SshServer, script: Played) -> Iterator[FarPod]:
    """A pod with a worker that answers, and a person with the key to it."""
    with played(script, home / "entry.sock") as port:
        pod = FarPod(home, server, port)
        yield pod
        pod.close()
