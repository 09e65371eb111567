"""Pods on this machine with a real entrypoint and a real sshd; a tiny model for their workers."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.support import tiny_flux
from tests.support.pod_process import SLEEPING, PodProcess, pod_process

MakePod = Callable[..., PodProcess]


@pytest.fixture(autouse=True)
def _needs_sshd() -> None:
    if not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()) and not os.environ.get("CI"):
        pytest.skip("there is no sshd on this machine (package openssh-server)")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny model."""
    folder = tmp_path_factory.mktemp("model")
    subprocess.run([sys.executable, tiny_flux.__file__, str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture
def make_pod() -> Iterator[MakePod]:
    """Return what makes a pod that is not started yet; its worker runs `worker`, a program (None: the real one)."""
    with ExitStack() as pods:

        def make(worker: str | None = SLEEPING, **how: Any) -> PodProcess:
            pod = pods.enter_context(pod_process(**how))
            if worker is not None:
                pod.bring_worker(worker)
            return pod

        yield make
