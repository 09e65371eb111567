"""`make check` notices a lock file that is out of step with pyproject.toml."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, on a copy of the files that a test may change."""
    shutil.copytree(CHECKOUT / "locks", tmp_path / "locks")
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    spec = importlib.util.spec_from_file_location("lock", tmp_path / "locks" / "lock.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "lock", module)
    spec.loader.exec_module(module)
    return module


def _problems(lock: ModuleType) -> list[str]:
    return [sentence for item in lock.LOCKS for sentence in lock.problems(item)]


def test_the_locks_are_in_step(lock: ModuleType) -> None:
    assert _problems(lock) == []


def test_a_changed_dependency_is_noticed(lock: ModuleType) -> None:
    text = lock.PYPROJECT.read_text()
    lock.PYPROJECT.write_text(text.replace('"httpx>=0.28"', '"httpx>=99"'))
    assert any("httpx" in sentence and "99" in sentence for sentence in _problems(lock))


def test_an_added_dependency_is_noticed(lock: ModuleType) -> None:
    text = lock.PYPROJECT.read_text()
    lock.PYPROJECT.write_text(text.replace('"httpx>=0.28"', '"httpx>=0.28", "left-pad>=1"'))
    assert "controller.txt does not pin left-pad" in _problems(lock)


def test_a_changed_pin_is_noticed(lock: ModuleType) -> None:
    file = lock.HERE / "worker-cpu.txt"
    file.write_text(file.read_text().replace("torch==2.13.0", "torch==2.14.0"))
    assert any("torch" in sentence for sentence in _problems(lock))


def test_a_missing_lock_is_noticed(lock: ModuleType) -> None:
    (lock.HERE / "controller.txt").unlink()
    assert "controller.txt is missing" in _problems(lock)


def test_the_lock_for_processors_pins_nothing_of_cuda(lock: ModuleType) -> None:
    assert not [name for name in lock.pins(lock.HERE / "worker-cpu.txt") if name.startswith(("nvidia-", "cuda-", "triton"))]


def test_the_lock_for_graphics_cards_takes_the_cuda_that_the_pod_image_promises(lock: ModuleType) -> None:
    floor = re.search(r"^ARG CUDA_FLOOR=([0-9.]+)", (CHECKOUT / "Dockerfile").read_text(), re.MULTILINE)
    runtime = lock.pins(lock.HERE / "worker-cuda.txt")["nvidia-cuda-runtime-cu12"]
    assert floor and f"{runtime.major}.{runtime.minor}" == floor[1]
