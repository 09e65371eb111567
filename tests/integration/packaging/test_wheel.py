"""The built wheel works outside the checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def _type(wheel: Path, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    paths = [str(wheel), os.environ.get("PYTHONPATH", "")]
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(paths), "FLUXCTL_HOME": str(home)}
    return subprocess.run([sys.executable, "-m", "fluxctl", *words], cwd=home, env=variables, capture_output=True, text=True)


def test_the_wheel_reads_the_settings_that_it_carries(wheel: Path, tmp_path: Path) -> None:
    done = _type(wheel, tmp_path, "config", "show", "--json")
    assert done.returncode == 0, done.stderr
    assert str(wheel) in json.loads(done.stdout)["settings"]["presets.fast.steps"]["origin"]


def test_the_wheel_carries_prompts_data_and_types(wheel: Path) -> None:
    assert (wheel / "fluxctl" / "data" / "prompts" / "claude_system.txt").read_text() == (
        CHECKOUT / "prompts" / "claude_system.txt"
    ).read_text()
    assert (wheel / "fluxpod" / "data" / "CLIP_LICENSE").exists()
    assert (wheel / "fluxctl" / "py.typed").exists() and (wheel / "fluxpod" / "py.typed").exists()


def test_the_wheel_plans_a_picture(wheel: Path, tmp_path: Path) -> None:
    done = _type(wheel, tmp_path, "gen", "a red circle", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["recipes"][0]["model"] == "embedded"


def test_without_the_worker_extra_the_line_to_type_is_named(wheel: Path, tmp_path: Path) -> None:
    blocker = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "torch" else found(name, package)
from fluxctl.__main__ import run
run()
"""
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(wheel), "FLUXCTL_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", blocker, "gen", "x"], cwd=tmp_path, env=variables, capture_output=True, text=True)
    assert done.returncode == 4, done.stderr
    assert "torch" in done.stderr and "pip install" in done.stderr
