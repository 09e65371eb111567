"""A tiny model, and workers that serve it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import tiny_flux
from tests.support.worker_process import WorkerProcess, contract_for, short_folder, started_worker


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny model. Built in a process of its own: pytest stays without torch."""
    return _build(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny model that yields what is not a number."""
    return _build(tmp_path_factory.mktemp("broken"), "broken")


@pytest.fixture(scope="session")
def two_blocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny model with two blocks of each kind, of which a cache can leave some out."""
    return _build(tmp_path_factory.mktemp("blocks"), "two_blocks")


@pytest.fixture(scope="session")
def worker(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """A ready worker that several tests share: they leave it ready and idle."""
    with short_folder() as folder, started_worker(contract_for(tmp_path_factory.mktemp("pod"), folder / "s", str(tiny))) as running:
        yield running


def _build(folder: Path, *options: str) -> Path:
    subprocess.run([sys.executable, tiny_flux.__file__, str(folder), *options], check=True, capture_output=True)
    return folder
