"""Of RunPod's SDK only what sends is loaded, and the rest stays usable for whoever asks for it."""

import os
import subprocess
import sys


def run(code: str, **variables: str) -> str:
    """Run a program in a Python of its own; return what it printed, which includes all of stderr."""
    path = os.pathsep.join([*(entry for entry in sys.path if entry), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout.strip()


def test_neither_its_worker_nor_its_command_line_nor_ssh_is_loaded():
    code = """
import sys
from fluxctl.providers.runpod.sdk import import_sdk
import_sdk().run_graphql_query
print(sorted({"aiohttp", "paramiko", "click", "boto3", "fastapi", "runpod.serverless", "runpod.cli"} & set(sys.modules)))
"""
    assert run(code) == "[]"


def test_its_own_key_file_is_not_even_read(tmp_path):
    (tmp_path / ".runpod").mkdir()
    (tmp_path / ".runpod" / "config.toml").write_text("this is [no TOML")
    code = "from fluxctl.providers.runpod.sdk import import_sdk; import_sdk(); import runpod.api.graphql; print('loaded')"
    assert run(code, HOME=str(tmp_path)) == "loaded"
    assert [path.name for path in (tmp_path / ".runpod").iterdir()] == ["config.toml"]


def test_whoever_asks_for_more_of_it_gets_the_whole(tmp_path):
    code = """
import logging
from fluxctl.providers.runpod.sdk import import_sdk
sender = import_sdk()
import runpod
from runpod import Endpoint, create_pod
assert callable(runpod.get_pods) and callable(create_pod) and Endpoint.__module__.startswith("runpod.")
assert import_sdk() is sender
assert not logging.getLogger().handlers
try:
    runpod.no_such_thing
except AttributeError:
    print("whole")
"""
    assert run(code, HOME=str(tmp_path)) == "whole"


def test_an_sdk_that_is_loaded_already_is_used_as_it_is(tmp_path):
    code = """
import runpod
from fluxctl.providers.runpod.sdk import RecordedRequests, import_sdk
assert isinstance(import_sdk().requests, RecordedRequests)
import runpod.api.graphql
print(runpod.api.graphql is import_sdk())
"""
    assert run(code, HOME=str(tmp_path)).splitlines()[-1] == "True"
