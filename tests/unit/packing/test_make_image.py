"""`make image` and `make push` tell what is missing: what, why, and the next thing to type."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from packing.build import command
from packing.client import Client
from packing.facts import Facts
from packing.problem import run
from packing.push import push_problem, pushed_reference
from packing.wish import read_wish

CHECKOUT = Path(__file__).parents[3]
DIGEST = "sha256:" + "a" * 64


MAKE = shutil.which("make") or "make"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the programs that make needs, and no docker."""
    for name in ("env", "sh", "git"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    return tmp_path


def _client(folder: Path, body: str) -> None:
    file = folder / "docker"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def _make(target: str, *folders: Path, word: str = "TAG=1") -> str:
    """Return what a make that has to fail says."""
    variables = {"PATH": os.pathsep.join(map(str, folders)), "HOME": str(folders[0])}
    command = [MAKE, "--no-print-directory", target, f"PYTHON={sys.executable}", *word.split()]
    done = subprocess.run(command, cwd=CHECKOUT, env=variables, capture_output=True, text=True)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_without_docker_the_install_command_is_named(folder: Path) -> None:
    said = _make("image", folder)
    assert "Docker is not installed" in said and "→ sudo apt-get install docker.io" in said


def test_an_engine_that_does_not_answer_is_to_be_started(folder: Path) -> None:
    _client(folder, 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1')
    said = _make("image", folder)
    assert "does not answer: Cannot connect" in said and "→ sudo systemctl start docker" in said


def test_who_may_not_use_the_engine_is_told_the_group(folder: Path) -> None:
    _client(folder, 'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1')
    said = _make("image", folder)
    assert "you may not use" in said and "→ sudo usermod -aG docker $USER" in said


def test_a_client_without_buildx_is_told_what_it_lacks(folder: Path) -> None:
    _client(folder, 'case "$1" in version) echo 28.2.2;; *) exit 1;; esac')
    said = _make("image", folder)
    assert "buildx is missing" in said and "→ sudo apt-get install docker-buildx" in said


def test_the_first_client_that_can_build_is_taken(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    _client(folder, 'case "$1" in version) echo 28.2.2;; *) exit 1;; esac')
    second = tmp_path_factory.mktemp("second")
    _client(second, f'case "$1" in version) echo 20.10.24;; buildx) exit 1;; *) echo "$@" >> {second}/said; exit 1;; esac')
    assert "was not built" in _make("image", folder, second)
    assert (second / "said").read_text().startswith("build --platform linux/amd64")


def test_a_named_client_that_is_not_there_is_told(folder: Path) -> None:
    assert "DOCKER=/nowhere/docker names no program" in _make("image", folder, word="DOCKER=/nowhere/docker")


def test_a_torch_that_nobody_builds_is_refused(folder: Path) -> None:
    assert "TORCH=rocm" in _make("image", folder, word="TORCH=rocm")


def test_pushing_needs_a_registry(folder: Path) -> None:
    _client(folder, 'case "$1" in version) echo 28.2.2;; esac')
    said = _make("push", folder)
    assert "names no registry" in said and "→ make push IMAGE=ghcr.io/YOU/fluxctl-pod" in said


def test_a_registry_that_refuses_wants_a_login() -> None:
    problem = push_problem(read_wish({"IMAGE": "ghcr.io/me/pod"}), "denied: installation not allowed to Write organization package")
    assert problem.hint == "docker login ghcr.io"


def test_what_was_pushed_is_named_by_its_digest() -> None:
    wish = read_wish({"IMAGE": "ghcr.io/me/pod", "TAG": "1"})
    assert pushed_reference(wish, f"abc: Pushed\n1: digest: {DIGEST} size: 3041\n") == f"ghcr.io/me/pod@{DIGEST}"
    assert pushed_reference(wish, "nothing of the kind") == "ghcr.io/me/pod:1"


def test_no_secret_of_the_shell_is_handed_to_the_builder() -> None:
    words = command(read_wish({}), Facts("1", "abc", "https://example.org/a", "hash"), Client("docker", has_buildx=True))
    given = {word.partition("=")[0] for word in words if "=" in word}
    assert given == {"BASE_IMAGE", "TORCH", "TORCH_INDEX", "CUDA_FLOOR", "VERSION", "REVISION", "SOURCE", "SOURCE_HASH"}
    assert "--load" in words and words[words.index("--platform") + 1] == "linux/amd64"


@pytest.mark.parametrize(("torch", "floor"), [("cuda", "12.8"), ("cpu", "")])
def test_only_the_build_for_graphics_cards_has_a_floor(torch: str, floor: str) -> None:
    words = command(read_wish({"TORCH": torch}), Facts("1", "", "", ""), Client("docker", has_buildx=False))
    assert f"CUDA_FLOOR={floor}" in words


@pytest.mark.parametrize(
    ("history", "why"),
    [
        ("echo 'no such image' >&2; exit 1", "no such image"),
        ("exit 0", "no layer was found for code, weights"),
        ("echo hello", "something else than sizes"),
        ("printf '5\\tRUN compileall\\n'", "no layer was found for weights, libraries"),
    ],
)
def test_layers_that_cannot_be_measured_are_not_taken_for_small_ones(folder: Path, history: str, why: str) -> None:
    _client(folder, f'case "$1" in version) echo 28.2.2;; history) {history};; esac')
    said = _make("image", folder)
    assert "cannot be measured" in said and why in said and "is built" not in said


@pytest.mark.parametrize("labelled", ["python:3.11-slim-bookworm", "ghcr.io/me/pod:1"], ids=["before", "after"])
def test_an_image_upon_the_tests_own_base_is_not_pushed(folder: Path, labelled: str) -> None:
    marks = ("compileall", "/weights /opt", "libraries.txt", "torch.txt", "cuda.txt", "apt-get")
    layers = "".join(f"5\\t{mark}\\n" for mark in marks)
    _client(
        folder,
        f'case "$1" in version) echo 28.2.2;; history) printf "{layers}";; push) touch {folder}/pushed;;\n'
        f'image) for last; do :; done; case "$4 $last" in *ai.fluxctl.test-base*" {labelled}") echo 1;; esac;; esac',
    )
    said = _make("push", folder, word="IMAGE=ghcr.io/me/pod TAG=1")
    assert "the tests' own base" in said and "→ make push" in said
    assert not (folder / "pushed").exists()


def test_ctrl_c_is_a_line_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise KeyboardInterrupt

    assert run(work) == 130
    assert capsys.readouterr().err == "interrupted\n"
