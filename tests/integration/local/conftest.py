"""Local pods of a test's own, ended afterwards whatever happened."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.local_pod import LocalPod


@pytest.fixture
def home() -> Iterator[Path]:
    """A short folder: sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="fl-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_pod(home: Path) -> Iterator[Callable[..., LocalPod]]:
    """A local pod, by its limits and the user's variables."""
    made: list[LocalPod] = []
    runtime = home / "run"
    runtime.mkdir(mode=0o700)

    def make(**more: Any) -> LocalPod:
        variables = {"XDG_RUNTIME_DIR": str(runtime), **more.pop("variables", {})}
        made.append(LocalPod(home, variables=variables, **more))
        return made[-1]

    yield make
    for pod in made:
        pod.end()


@pytest.fixture
def pod(make_pod: Callable[..., LocalPod]) -> LocalPod:
    """A local pod with the ordinary limits."""
    return make_pod()
