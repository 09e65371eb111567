"""Finds a docker client that can build with BuildKit, and says what is wrong where there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packing.problem import Problem

FIRST_WITHOUT_BUILDKIT = 23
"""From this version on the client leaves BuildKit to the plugin buildx; before, it is built in."""
START = {"darwin": "open -a Docker"}
INSTALL = {"darwin": "brew install --cask docker"}


@dataclass(frozen=True)
class Client:
    """A docker command that reaches an engine and can build."""

    path: str
    has_buildx: bool

    def run(self, words: Sequence[str], *, quiet: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a docker command; its output is returned, or goes to the terminal when not `quiet`."""
        variables = {**os.environ, "DOCKER_BUILDKIT": "1"}
        return subprocess.run([self.path, *words], env=variables, text=True, capture_output=quiet)


def find_client(variables: Mapping[str, str]) -> Client:
    """Given the environment (`DOCKER` names one client, else every `docker` on PATH is tried), return one that can build.

    Raises Problem when none is there, none reaches an engine, or none has BuildKit.
    """
    paths = _candidates(variables)
    if not paths:
        raise Problem("Docker is not installed: the image cannot be built", INSTALL.get(sys.platform, "sudo apt-get install docker.io"))
    for path in paths:
        found = _ask(path, "version", "--format", "{{.Client.Version}}")
        if found.returncode:
            raise _engine_problem(found.stderr)
        if has_buildx := not _ask(path, "buildx", "version").returncode:
            return Client(path, has_buildx)
        if _major(found.stdout) < FIRST_WITHOUT_BUILDKIT:
            return Client(path, has_buildx=False)
    raise Problem(
        f"Docker's plugin buildx is missing: {' and '.join(paths)} cannot build with BuildKit, whose caches the Dockerfile uses",
        "sudo apt-get install docker-buildx  (or docker-buildx-plugin, when Docker came from docker.com)",
    )


def _candidates(variables: Mapping[str, str]) -> list[str]:
    if named := variables.get("DOCKER"):
        path = shutil.which(named, path=variables.get("PATH"))
        if path is None:
            raise Problem(f"DOCKER={named} names no program", "make image  (every docker on PATH is tried)")
        return [path]
    folders = dict.fromkeys(variables.get("PATH", "").split(os.pathsep))
    found = [shutil.which("docker", path=folder) for folder in folders if folder]
    return list({str(Path(path).resolve()): path for path in found if path}.values())


def _ask(path: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([path, *words], capture_output=True, text=True)


def _major(version: str) -> int:
    first = version.strip().split(".")[0]
    return int(first) if first.isdigit() else FIRST_WITHOUT_BUILDKIT


def _engine_problem(said: str) -> Problem:
    """Given what the client said when it did not reach an engine, return what to tell."""
    if "permission denied" in said.lower():
        return Problem(
            "you may not use Docker's engine: its socket belongs to the group docker",
            "sudo usermod -aG docker $USER && newgrp docker",
        )
    reason = said.strip().splitlines()[-1] if said.strip() else "it says nothing"
    return Problem(f"Docker's engine does not answer: {reason}", START.get(sys.platform, "sudo systemctl start docker"))
