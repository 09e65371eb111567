"""`make check` notices a lock file that is out of step with pyproject.toml."""

import ast
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


def _imported(folder: Path) -> set[str]:
    """The packages that are not Python's own and that some module below imports."""
    nodes = [node for file in folder.rglob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"fluxpod"}


@pytest.mark.parametrize("name", ["worker-cpu", "worker-cuda"])
def test_a_pod_gets_all_that_its_code_imports_and_nothing_of_the_controllers(lock: ModuleType, name: str) -> None:
    pinned = set(lock.pins(lock.HERE / f"{name}.txt"))
    assert {name.lower().replace("pil", "pillow") for name in _imported(CHECKOUT / "pod_image" / "fluxpod")} <= pinned
    assert not pinned & {"runpod", "docker", "anthropic", "paramiko", "boto3", "platformdirs"}


def test_one_venv_can_hold_all_locks_but_for_the_build_of_torch(lock: ModuleType) -> None:
    of_torch = {"torch", "triton"}
    every = [item for item in lock.LOCKS if not item.cuda]
    for name in {name for item in every for name in lock.pins(item.path)} - of_torch:
        assert len({lock.pins(item.path)[name] for item in lock.LOCKS if name in lock.pins(item.path)}) == 1, name
