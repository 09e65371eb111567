"""A person at a computer with no GPU and no account: the real worker, the real pipeline, a tiny model."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import tiny_flux
from tests.support.shell import Shell

CONFIG = """\
generate: {{model: tiny}}
models:
  tiny:
    source: {folder}
    steps: 4
    guidance: 3.5
    maximum_sequence_length: 32
    native_pixels: 4096
"""


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny model, built in a process of its own: pytest stays without torch."""
    folder = tmp_path_factory.mktemp("model")
    subprocess.run([sys.executable, tiny_flux.__file__, str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def shell(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Somebody whose worker stays warm over the tests of a module."""
    yield from _person(tiny, tmp_path_factory.mktemp("home"))


@pytest.fixture
def own_shell(tiny: Path, tmp_path: Path) -> Iterator[Shell]:
    """Somebody whose worker one test may kill."""
    yield from _person(tiny, tmp_path / "home")


def _person(tiny: Path, home: Path) -> Iterator[Shell]:
    shell = Shell(home)
    (shell.config / "config.yaml").write_text(CONFIG.format(folder=tiny))
    yield shell
    shell.type("down")
