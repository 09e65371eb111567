"""What is in the really built image, and what is not: read from its history, its configuration and its files."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.docker_engine import docker

from fluxpod.protocol import source_hash

CHECKOUT = Path(__file__).parents[3]
SECRET_NAMES = re.compile(r"(?i)token|secret|passw|api_?key|credential|private")


@pytest.fixture(scope="module")
def configuration(pod_image: str) -> dict[str, Any]:
    """What `docker inspect` says of the image."""
    return json.loads(docker("image", "inspect", pod_image).stdout)[0]


@pytest.fixture(scope="module")
def history(pod_image: str) -> str:
    """Every command that made it."""
    return docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", pod_image).stdout


def _environment(configuration: dict[str, Any]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in configuration["Config"]["Env"])


def test_neither_history_nor_configuration_names_a_secret(configuration: dict[str, Any], history: str) -> None:
    assert not SECRET_NAMES.findall(history)
    assert not SECRET_NAMES.findall(json.dumps(configuration["Config"]))


def test_no_secret_no_key_and_no_cache_lies_in_its_files(in_image: Callable[..., str]) -> None:
    search = (
        r"find / -xdev \( -name 'ssh_host_*' -o -name 'id_*[^.pub]' -path '*/.ssh/*' -o -name 'config.env' -o -name '.netrc' "
        r"-o -name authorized_keys -o -path '/root/.cache/pip/*' -o -path '/root/.cache/uv/*' -o -path '/var/cache/apt/archives/*.deb' "
        r"-o -path '/var/lib/apt/lists/*_Packages*' -o -path '/source/*' \) -not -path '/proc/*'"
    )
    assert in_image("sh", "-c", search) == ""


def test_no_weights_but_the_embedded_ones_lie_in_its_files(in_image: Callable[..., str]) -> None:
    found = in_image("find", "/", "-xdev", "-name", "*.safetensors", "-o", "-name", "*.gguf", "-o", "-name", "*.ckpt").splitlines()
    assert [file for file in found if "/fluxpod/embedded/weights/" not in file] == []


def test_it_runs_as_root_under_tini_with_the_volume_as_the_place_of_everything_large(configuration: dict[str, Any]) -> None:
    config, environment = configuration["Config"], _environment(configuration)
    assert config["Entrypoint"] == ["/usr/bin/tini", "-g", "--", "/opt/venv/bin/python", "-P", "-m", "fluxpod.entrypoint"]
    assert not config["Cmd"] and config["User"] in ("", "root") and config["Volumes"] is None
    assert environment["HF_HOME"] == "/workspace/.cache"
    for name in ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "CUDA_CACHE_PATH"):
        assert environment[name].startswith("/workspace/.cache/")
    assert environment["PATH"].startswith("/opt/venv/bin:")
    assert environment["NVIDIA_DRIVER_CAPABILITIES"] == "compute,utility"


def test_its_labels_say_what_it_is(configuration: dict[str, Any], in_image: Callable[..., str]) -> None:
    labels = configuration["Config"]["Labels"]
    assert (
        labels["org.opencontainers.image.version"]
        == in_image("python", "-c", "from fluxpod import identity; print(identity.version())").strip()
    )
    assert set(labels) >= {"org.opencontainers.image.revision", "org.opencontainers.image.source"}
    assert labels["ai.fluxctl.torch"] == "cpu" and labels["ai.fluxctl.cuda-floor"] == ""


def test_its_label_is_the_hash_of_the_code_in_it(configuration: dict[str, Any], in_image: Callable[..., str]) -> None:
    inside = in_image("python", "-P", "-c", "from fluxpod.protocol import source_hash; print(source_hash())").strip()
    assert configuration["Config"]["Labels"]["ai.fluxctl.source-hash"] == inside


def test_it_is_the_image_of_this_checkout(configuration: dict[str, Any]) -> None:
    assert configuration["Config"]["Labels"]["ai.fluxctl.source-hash"] == source_hash(), "make image, then test"


def test_its_architecture_is_the_one_of_rented_hosts(configuration: dict[str, Any]) -> None:
    assert (configuration["Os"], configuration["Architecture"]) == ("linux", "amd64")


def test_everything_that_a_worker_needs_can_be_imported(in_image: Callable[..., str]) -> None:
    names = (
        "torch, diffusers, transformers, accelerate, fastapi, uvicorn, fluxpod.engine, fluxpod.worker, fluxpod.entrypoint, fluxpod.generate"
    )
    assert in_image("python", "-P", "-c", f"import {names}; print(torch.__version__)").startswith("2.")


def test_the_locked_versions_are_installed_and_no_installer(in_image: Callable[..., str]) -> None:
    script = "from importlib.metadata import distributions; print(*(f'{d.name}=={d.version}' for d in distributions()), sep='\\n')"
    installed = {line.lower().replace("_", "-").replace("+cpu", "") for line in in_image("python", "-c", script).splitlines()}
    locked = {
        line.split(";")[0].strip().lower()
        for line in (CHECKOUT / "locks" / "worker-cpu.txt").read_text().splitlines()
        if line and not line.startswith("#") and ";" not in line
    }
    assert locked <= installed, locked - installed
    assert not [line for line in installed if line.startswith(("pip==", "hatchling==", "nvidia-", "runpod==", "anthropic==", "docker=="))]


def test_nothing_of_the_controller_is_in_it(in_image: Callable[..., str]) -> None:
    names = "('fluxctl', 'runpod', 'anthropic', 'docker')"
    script = f"import importlib.util, shutil; print([n for n in {names} if importlib.util.find_spec(n)], shutil.which('fluxctl'))"
    assert in_image("python", "-P", "-c", script).strip() == "[] None"


def test_a_module_for_python_can_be_compiled_as_triton_does(in_image: Callable[..., str]) -> None:
    script = """
set -e
cd "$(mktemp -d)"
cat > one.c <<'C'
#include <Python.h>
static struct PyModuleDef m = {PyModuleDef_HEAD_INIT, "one", 0, -1, 0};
PyMODINIT_FUNC PyInit_one(void) { return PyModule_Create(&m); }
C
gcc -shared -fPIC -I"$(python -c 'import sysconfig; print(sysconfig.get_paths()["include"])')" one.c -o one.so
python -c 'import one; print("compiled")'
"""
    assert in_image("sh", "-c", script).strip() == "compiled"


@pytest.mark.parametrize("words", [("rsync", "--version"), ("tini", "--version"), ("ssh", "-V"), ("/usr/sbin/sshd", "-?")])
def test_the_programs_for_link_and_supervision_are_there(pod_image: str, words: tuple[str, ...]) -> None:
    done = docker("run", "--rm", "--network", "none", "--entrypoint", words[0], pod_image, *words[1:], check=False)
    assert done.returncode != 127 and "not found" not in done.stderr


def test_its_own_code_needs_no_compiling_at_the_start(in_image: Callable[..., str]) -> None:
    script = """
from importlib.util import cache_from_source
from pathlib import Path
import fluxpod
print([str(file) for file in Path(fluxpod.__file__).parent.rglob("*.py") if not Path(cache_from_source(str(file))).exists()])
"""
    assert in_image("python", "-P", "-c", script).strip() == "[]"


def test_a_second_build_takes_every_layer_from_the_first(pod_image: str, base_image: str) -> None:
    layers = "{{json .RootFS.Layers}}"
    before = docker("image", "inspect", "--format", layers, pod_image).stdout
    name, _, tag = pod_image.rpartition(":")
    words = [
        "make",
        "--no-print-directory",
        "image",
        "TORCH=cpu",
        f"BASE_IMAGE={base_image}",
        f"IMAGE={name}",
        f"TAG={tag}",
        "TORCH_INDEX=",
    ]
    again = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=280)
    assert again.returncode == 0, again.stderr
    assert docker("image", "inspect", "--format", layers, pod_image).stdout == before
    assert re.search(r"^code +\d", again.stderr, re.MULTILINE)
