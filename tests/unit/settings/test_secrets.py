"""Secrets: where they come from, and that nothing shows them."""

import copy
import json
import pickle
import re
from pathlib import Path

import pytest

from fluxctl.settings.report import rows

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def test_the_environment_goes_before_the_local_file_and_that_before_the_users(world):
    world.write_env("HF_TOKEN=user\nRUNPOD_API_KEY=user\nANTHROPIC_API_KEY=user\n")
    world.write_env("HF_TOKEN=local\nRUNPOD_API_KEY=local\n", world.work)
    world.variables["HF_TOKEN"] = "environment\n"
    secrets = world.load().secrets
    found = {name: secret.reveal() for name, secret in secrets.by_variable().items() if secret}
    assert found == {"RUNPOD_API_KEY": "local", "ANTHROPIC_API_KEY": "user", "HF_TOKEN": "environment"}
    assert secrets.hf_token.origin.text == "environment variable HF_TOKEN"
    assert secrets.runpod_api_key.origin.text == f"{world.work / 'config.env'}:2 (RUNPOD_API_KEY)"


def test_nothing_that_can_be_printed_of_settings_holds_a_secret(world):
    world.variables["RUNPOD_API_KEY"] = "abc-very-secret"
    settings = world.load()
    secret = settings.secrets.runpod_api_key
    shown = [repr(settings), str(secret), f"{secret}", repr(settings.secrets), settings.values.model_dump_json()]
    shown += [json.dumps([(row.key, row.value, row.origin) for row in rows(settings)])]
    assert not any("abc-very-secret" in text for text in shown)
    assert "set, from environment variable RUNPOD_API_KEY" in repr(secret)


@pytest.mark.parametrize("attempt", [pickle.dumps, copy.copy, json.dumps])
def test_a_secret_cannot_be_written_anywhere(world, attempt):
    world.variables["HF_TOKEN"] = "abc"
    with pytest.raises(TypeError):
        attempt(world.load().secrets.hf_token)


def test_the_template_can_be_filled_in_and_used(world):
    lines = EXAMPLE.read_text("utf-8").splitlines()
    assignments = [line.removeprefix("# ") for line in lines if re.fullmatch(r"# [A-Z_]+=\S*", line)]
    assert {line.split("=")[0] for line in assignments} >= {"RUNPOD_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN", "STEPS_QUALITY"}
    world.write_env("\n".join(line + ("abc" if line.endswith("=") else "") for line in assignments))
    settings = world.load()
    assert all(settings.secrets.by_variable().values())
    assert settings.values.pictures.format == "webp"
