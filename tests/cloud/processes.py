"""Entrypoints as processes of this computer, each below a folder of its own that stands for the container's disk."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cloud.pod import CloudPod

import fluxpod
from fluxpod.pod_contract import PodPaths

HANDED_ON = ("PATH", "LANG", "TMPDIR", "SOCKET_GUARD_LOG", "HF_HUB_OFFLINE", "COVERAGE_PROCESS_START")
"""Variables of this process that a pod gets; keys and settings of the person are none of its business."""


def short_base() -> Path:
    """Return a new folder whose path leaves room for a socket's name below it."""
    return Path(tempfile.mkdtemp(prefix="rp-", dir="/tmp"))


@dataclass
class Processes:
    """All processes of one cloud."""

    base: Path = field(default_factory=short_base)

    def variables(self, pod: CloudPod) -> dict[str, str]:
        """Return where the pod's files lie."""
        return {"FLUXPOD_ROOT": str(self._root(pod))}

    def prepare(self, pod: CloudPod) -> None:
        """Make an empty root, with the volume in it."""
        root = self._root(pod)
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        kept = self._kept(pod)
        kept.mkdir(parents=True, exist_ok=True)
        PodPaths(root).volume.symlink_to(kept)

    def run(self, pod: CloudPod, variables: Mapping[str, str], hear: Callable[[str], None]) -> "ProcessPod":
        """Start an entrypoint."""
        root = self._root(pod)
        mine = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        code = os.pathsep.join(filter(None, (str(Path(fluxpod.__file__).parent.parent), os.environ.get("PYTHONPATH"))))
        fixed = {"PYTHONPATH": code, "PYTHONUNBUFFERED": "1", "HOME": str(root), "HF_HOME": str(PodPaths(root).cache)}
        process = subprocess.Popen(
            [sys.executable, "-m", "fluxpod.entrypoint"],
            env={**mine, **fixed, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=root,
        )
        return ProcessPod(process, root, hear)

    def clear(self, pod: CloudPod, *, keep: bool) -> None:
        """Remove the container's disk; the volume disk goes with the pod, a network volume stays."""
        shutil.rmtree(self._root(pod), ignore_errors=True)
        if not keep and not pod.order.volume_id:
            shutil.rmtree(self._kept(pod), ignore_errors=True)

    def close(self) -> None:
        """Remove all folders."""
        shutil.rmtree(self.base, ignore_errors=True)

    def _root(self, pod: CloudPod) -> Path:
        return self.base / pod.id[:8] / "r"

    def _kept(self, pod: CloudPod) -> Path:
        return self.base / "volumes" / (pod.order.volume_id or pod.id)


class ProcessPod:
    """One entrypoint."""

    def __init__(self, process: "subprocess.Popen[bytes]", root: Path, hear: Callable[[str], None]) -> None:
        self.process = process
        self.root = root
        self._reader = threading.Thread(target=self._read, args=(hear,), name=f"log-{process.pid}", daemon=True)
        self._reader.start()

    def runs(self) -> bool:
        """Return whether it lives."""
        return self.process.poll() is None

    def end(self, grace_seconds: float) -> None:
        """End it as a container ends: nothing that it started is left."""
        if self.runs():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(grace_seconds)
        if self.runs():
            self.process.kill()
            self.process.wait()
        for process_id in left_below(self.root):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        self._reader.join(grace_seconds)

    def _read(self, hear: Callable[[str], None]) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                hear(line.decode("utf-8", "replace").rstrip("\n"))


def left_below(root: Path) -> list[int]:
    """Return the processes that bear a pod's folder in their environment or on their command line."""
    config = str(PodPaths(root).run / "sshd_config").encode()
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            variables = (process / "environ").read_bytes().split(b"\0")
            words = (process / "cmdline").read_bytes().split(b"\0")
            mine = f"FLUXPOD_ROOT={root}".encode() in variables or any(config in word for word in words)
            if mine and int(process.name) != os.getpid():
                found.append(int(process.name))
    return found
