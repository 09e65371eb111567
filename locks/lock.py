"""Decides whether the lock files are in step with pyproject.toml (`check`, offline), and makes them anew (`compile`)."""

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HERE = Path(__file__).parent
PYPROJECT = HERE.parent / "pyproject.toml"
CUDA_ONLY = re.compile(r"^(nvidia-|cuda-|triton\b)")
CUDA_TORCH = "torch==2.10.0"
"""The last torch whose build on PyPI is for CUDA 12.8; from 2.11 on it is 13.0, which hosts with older drivers cannot run (README)."""
MARK = "# made from pyproject.toml dependencies "


@dataclass(frozen=True)
class Lock:
    """One purpose: the requirements whose versions the file pins."""

    name: str
    controller: bool = False
    """Whether what fluxctl itself requires is in it."""
    extras: tuple[str, ...] = ()
    cuda: bool = False
    """Whether CUDA's libraries are pinned too; without them torch's CPU build can be taken."""

    @property
    def path(self) -> Path:
        """Where the lock lies."""
        return HERE / f"{self.name}.txt"

    @property
    def purpose(self) -> str:
        """What it is for, in words."""
        return " and ".join((*(("fluxctl",) if self.controller else ()), *self.extras))


EVERYTHING = Lock("everything", controller=True, extras=("worker", "dev"), cuda=True)
"""Resolved first and kept nowhere; the locks take its versions but for torch, so that one venv can hold any of them together."""
LOCKS = (
    Lock("worker-cuda", extras=("worker",), cuda=True),  # a pod's image has these and nothing of the controller's
    Lock("worker-cpu", extras=("worker",)),
    Lock("controller", controller=True),
    Lock("development", controller=True, extras=("worker", "dev")),
)


def requirements(lock: Lock) -> list[str]:
    """Return the direct requirements that the lock is made from, as they stand in pyproject.toml."""
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    wanted = list(project["dependencies"]) if lock.controller else []
    for extra in lock.extras:
        wanted += project["optional-dependencies"][extra]
    return wanted


def fingerprint(lock: Lock) -> str:
    """Return the hash of the requirements that a lock was made from."""
    return hashlib.sha256("\n".join(sorted(requirements(lock))).encode()).hexdigest()


def pins(path: Path) -> dict[str, Version]:
    """Return canonical name → version of each pin in a lock file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;]+)", path.read_text(), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def problems(lock: Lock) -> list[str]:
    """Return what is wrong with a lock file, as sentences; empty when it is in step."""
    if not lock.path.exists():
        return [f"{lock.path.name} is missing"]
    wrong = []
    if MARK + fingerprint(lock) not in lock.path.read_text():
        wrong.append(f"{lock.path.name} was made from other dependencies than pyproject.toml has now")
    pinned = pins(lock.path)
    for line in requirements(lock):
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            wrong.append(f"{lock.path.name} does not pin {requirement.name}")
        elif not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{lock.path.name} pins {requirement.name}=={version}, pyproject.toml wants {requirement.specifier}")
    return wrong


def _is_torch(pin: str) -> bool:
    """Return whether the pin goes with torch's build, which is another one in the other locks."""
    return bool(CUDA_ONLY.match(pin)) or pin.startswith("torch==")


def resolve(wanted: Sequence[str], held: Sequence[str], kept: Sequence[str]) -> list[str]:
    """Return the pins that uv finds for the wanted requirements: within those held, and those kept where they still fit."""
    with tempfile.TemporaryDirectory() as folder:
        requirement, constraint, output = (Path(folder) / name for name in ("requirements.in", "constraints.txt", "pins.txt"))
        requirement.write_text("\n".join(wanted))
        constraint.write_text("\n".join(held))
        output.write_text("\n".join(kept))
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header", "--no-annotate"]
        command += ["--constraint", str(constraint), "--output-file", str(output), str(requirement)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return _pin_lines(output)


def compile_locks() -> None:
    """Resolve everything together, then write each lock with the versions found."""
    known = dict.fromkeys(pin for lock in LOCKS if lock.path.exists() for pin in _pin_lines(lock.path) if not _is_torch(pin))
    together = resolve(requirements(EVERYTHING), [CUDA_TORCH], list(known))
    others = [pin for pin in together if not _is_torch(pin)]
    for lock in LOCKS:
        kept = _pin_lines(lock.path) if lock.path.exists() else []
        found = resolve(requirements(lock), together if lock.cuda else others, kept)
        lines = [pin for pin in found if lock.cuda or not CUDA_ONLY.match(pin)]
        head = [f"# versions for {lock.purpose}; `make locks` writes this file", MARK + fingerprint(lock)]
        lock.path.write_text("\n".join([*head, *lines]) + "\n")


def _pin_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def main() -> int:
    """Run `compile` or `check`; return 1 and say why when a lock is out of step."""
    if sys.argv[1:] == ["compile"]:
        compile_locks()
        return 0
    wrong = [sentence for lock in LOCKS for sentence in problems(lock)]
    for sentence in wrong:
        sys.stderr.write(f"error: {sentence}\n")
    if wrong:
        sys.stderr.write("→ make locks\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
