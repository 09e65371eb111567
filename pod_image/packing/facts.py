"""Finds out what the image's labels say of the checkout: version, revision, where it came from, hash of the sources."""

import importlib.util
import re
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Facts:
    """Each is empty when it is not known."""

    version: str
    revision: str
    source: str
    source_hash: str


def facts(variables: Mapping[str, str], checkout: Path = CHECKOUT) -> Facts:
    """Given the environment, return what is known of the checkout."""
    changed = "-changed" if _git(checkout, "status", "--porcelain", "--untracked-files=no") else ""
    revision = _git(checkout, "rev-parse", "HEAD")
    return Facts(version(checkout), revision and revision + changed, source(variables, checkout), source_hash(checkout))


def version(checkout: Path = CHECKOUT) -> str:
    """Return fluxctl's version."""
    return tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["version"]


def source(variables: Mapping[str, str], checkout: Path) -> str:
    """Return the https address of the repository that this checkout came from, without user or password in it."""
    if "GITHUB_SERVER_URL" in variables and "GITHUB_REPOSITORY" in variables:
        return f"{variables['GITHUB_SERVER_URL']}/{variables['GITHUB_REPOSITORY']}"
    remote = _git(checkout, "remote", "get-url", "origin")
    found = re.match(r"(?:https://|ssh://)?(?:[^@/]*@)?([a-z0-9.-]+\.[a-z]+)[:/](?:\d+/)?(.+?)(?:\.git)?/?$", remote)
    return f"https://{found[1]}/{found[2]}" if found else ""


def source_hash(checkout: Path) -> str:
    """Return the hash that a worker with this code reports."""
    file = checkout / "pod_image" / "fluxpod" / "protocol" / "hashes.py"
    # By its file: the package around it needs pydantic, and `make image` needs nothing.
    spec = importlib.util.spec_from_file_location("hashes", file)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.source_hash())


def _git(checkout: Path, *words: str) -> str:
    """Return what git prints; empty without git, or outside a repository."""
    try:
        done = subprocess.run(["git", "-C", str(checkout), *words], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
