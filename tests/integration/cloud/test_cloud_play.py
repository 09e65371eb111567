"""`make cloud`: it says how to point fluxctl at it, runs until Ctrl-C, and ends with the account book and nothing that runs."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support.guards import guards_of
from tests.support.shell import wait_until

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 60
EXPORTED = {
    "RUNPOD_API_BASE_URL",
    "RUNPOD_REST_BASE_URL",
    "RUNPOD_API_KEY",
    "FLUXCTL_POD__IMAGE",
    "FLUXCTL_GENERATE__MODEL",
    "FLUXCTL_LINK__SSH_KEY",
    "FLUXCTL_HOME",
}


@pytest.fixture
def playing() -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "tests.cloud", "simulated"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def exported(process: "subprocess.Popen[str]") -> dict[str, str]:
    """Return what is to be pasted."""
    assert process.stdout is not None
    found: dict[str, str] = {}
    while set(found) != EXPORTED:
        line = process.stdout.readline()
        name, _, value = line.removeprefix("export ").strip().partition("=")
        assert line.startswith("export "), line
        found[name] = value
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_a_signal_and_then_tells_what_every_pod_cost(playing: "subprocess.Popen[str]", number: signal.Signals) -> None:
    variables = exported(playing)
    headers = {"Authorization": f"Bearer {variables['RUNPOD_API_KEY']}"}
    body = {"name": "played-with", "image": variables["FLUXCTL_POD__IMAGE"], "gpu": {"id": "NVIDIA L40S", "count": 1}}
    created = httpx.post(f"{variables['RUNPOD_REST_BASE_URL']}/pods", json=body, headers=headers, trust_env=False)
    assert created.status_code == 201
    pod_id = created.json()["id"]
    playing.send_signal(number)
    out, error = playing.communicate(timeout=PATIENCE_SECONDS)
    assert playing.returncode == 0
    assert re.search(rf"{pod_id}  played-with  NVIDIA L40S  \d+ s  \$0\.\d{{4}}  ended\n  1 pod, 0 running", out)
    assert "ending 1 pod that still ran" in error
    assert not Path(variables["FLUXCTL_HOME"]).exists()


def test_the_image_that_pods_are_to_run_is_found_where_the_exports_say(playing: "subprocess.Popen[str]") -> None:
    registry, _, rest = exported(playing)["FLUXCTL_POD__IMAGE"].partition("/")
    repository, _, tag = rest.partition(":")
    manifest = httpx.get(f"http://{registry}/v2/{repository}/manifests/{tag}", trust_env=False)
    assert manifest.status_code == 200
    assert manifest.json()["layers"]


@pytest.mark.parametrize("words", [["nonsense"], ["simulated", "processes"]])
def test_a_tier_that_does_not_exist_is_said_so(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "tests.cloud", *words], cwd=ROOT, env=os.environ, capture_output=True, text=True)
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_its_end_ends_the_guards_that_were_started_for_it(playing: "subprocess.Popen[str]") -> None:
    variables = {**os.environ, **exported(playing)}
    home = Path(variables["FLUXCTL_HOME"])
    up = subprocess.Popen([sys.executable, "-m", "fluxctl", "up", "--yes"], env=variables, cwd=home, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: guards_of(home), PATIENCE_SECONDS)
    finally:
        up.kill()
        up.communicate()
    playing.send_signal(signal.SIGINT)
    playing.communicate(timeout=PATIENCE_SECONDS)
    wait_until(lambda: not guards_of(home), PATIENCE_SECONDS)
    shutil.rmtree(home)
