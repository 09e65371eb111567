"""Decides whether the lock files are in step with pyproject.toml (`check`, offline), and makes them anew (`compile`)."""

import hashlib
import re
import subprocess
import sys
import tomllib
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
    """One purpose: the extras whose requirements the file pins."""

    name: str
    extras: tuple[str, ...]
    cuda: bool = True
    """Whether CUDA's libraries are pinned too; without them torch's CPU build can be taken."""

    @property
    def path(self) -> Path:
        """Where the lock lies."""
        return HERE / f"{self.name}.txt"


LARGEST = Lock("worker-cuda", ("worker",))
"""Resolved first; the others take its versions but for torch, so that one venv can hold any of them."""
LOCKS = (
    LARGEST,
    Lock("worker-cpu", ("worker",), cuda=False),
    Lock("controller", ()),
    Lock("development", ("worker", "dev"), cuda=False),
)


def requirements(extras: tuple[str, ...]) -> list[str]:
    """Return the direct requirements of the project with these extras, as they stand in pyproject.toml."""
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return wanted


def fingerprint(extras: tuple[str, ...]) -> str:
    """Return the hash of the requirements that a lock was made from."""
    return hashlib.sha256("\n".join(sorted(requirements(extras))).encode()).hexdigest()


def pins(path: Path) -> dict[str, Version]:
    """Return canonical name → version of each pin in a lock file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;]+)", path.read_text(), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def problems(lock: Lock) -> list[str]:
    """Return what is wrong with a lock file, as sentences; empty when it is in step."""
    if not lock.path.exists():
        return [f"{lock.path.name} is missing"]
    wrong = []
    if MARK + fingerprint(lock.extras) not in lock.path.read_text():
        wrong.append(f"{lock.path.name} was made from other dependencies than pyproject.toml has now")
    pinned = pins(lock.path)
    for line in requirements(lock.extras):
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


def compile_lock(lock: Lock) -> None:
    """Resolve one lock with uv, keeping the pins it has where they still fit."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header", "--no-annotate"]
    for extra in lock.extras:
        command += ["--extra", extra]
    held = CUDA_TORCH if lock is LARGEST else "\n".join(line for line in LARGEST.path.read_text().splitlines() if not _is_torch(line))
    command += ["--constraint", "-", "--output-file", str(lock.path), str(PYPROJECT)]
    subprocess.run(command, check=True, input=held, text=True, stdout=subprocess.DEVNULL)
    kept = [line for line in lock.path.read_text().splitlines() if not line.startswith("#") and (lock.cuda or not CUDA_ONLY.match(line))]
    head = [f"# versions for {' and '.join(('fluxctl', *lock.extras))}; `make locks` writes this file", MARK + fingerprint(lock.extras)]
    lock.path.write_text("\n".join([*head, *kept]) + "\n")


def main() -> int:
    """Run `compile` or `check`; return 1 and say why when a lock is out of step."""
    if sys.argv[1:] == ["compile"]:
        for lock in LOCKS:
            compile_lock(lock)
        return 0
    wrong = [sentence for lock in LOCKS for sentence in problems(lock)]
    for sentence in wrong:
        sys.stderr.write(f"error: {sentence}\n")
    if wrong:
        sys.stderr.write("→ make locks\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
