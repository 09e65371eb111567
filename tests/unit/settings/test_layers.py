"""Which layer wins, and that every value knows where it came from."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxctl.settings.origin import Layer

LAYERS = ["yaml", "user env", "local env", "environment"]


@given(said=st.dictionaries(st.sampled_from(LAYERS), st.integers(1, 10_000)))
def test_the_highest_layer_that_says_something_wins_and_is_named(make_world, said):
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder))
        if "yaml" in said:
            world.write_yaml(f"pod:\n  drain_seconds: {said['yaml']}\n")
        if "user env" in said:
            world.write_env(f"FLUXCTL_POD__DRAIN_SECONDS={said['user env']}")
        if "local env" in said:
            world.write_env(f"FLUXCTL_POD__DRAIN_SECONDS={said['local env']}", world.work)
        if "environment" in said:
            world.variables["FLUXCTL_POD__DRAIN_SECONDS"] = str(said["environment"])
        settings = world.load()
        winner = max(said, key=LAYERS.index, default=None)
        assert settings.values.pod.drain_seconds == (said[winner] if winner else 120)
        assert settings.origins["pod.drain_seconds"].layer == (Layer(LAYERS.index(winner) + 2) if winner else Layer.DEFAULTS)
        assert settings.values.pod.stall_timeout_seconds == 300


def test_an_origin_names_file_and_line_or_the_variable(world):
    world.write_yaml("# mine\npictures:\n  format: webp\n")
    path = world.write_env("# keys\n\nSTEPS_FAST=3\n")
    world.variables["FLUXCTL_POD__DRAIN_SECONDS"] = "7"
    origins = world.load().origins
    assert origins["pictures.format"].text == f"{world.config_yaml}:3"
    assert origins["presets.fast.steps"].text == f"{path}:3 (STEPS_FAST)"
    assert origins["pod.drain_seconds"].text == "environment variable FLUXCTL_POD__DRAIN_SECONDS"
    assert origins["pictures.metadata"].text.startswith("default (")


@pytest.mark.parametrize(
    ("name", "value", "key", "expected"),
    [
        ("FLUXCTL_GENERATE__STEPS", "28 ", "generate.steps", 28),
        ("FLUXCTL_GENERATE__GUIDANCE", "3", "generate.guidance", 3.0),
        ("FLUXCTL_GENERATE__GUIDANCE", " 1e1", "generate.guidance", 10.0),
        ("FLUXCTL_PICTURES__OPEN", "Yes", "pictures.open", True),
        ("FLUXCTL_PICTURES__METADATA", "0", "pictures.metadata", False),
        ("FLUXCTL_PICTURES__FOLDER", "123", "pictures.folder", "123"),
        ("FLUXCTL_PICTURES__FOLDER", "null", "pictures.folder", None),
        ("FLUXCTL_PROVIDER", "local", "provider", "local"),
        ("FLUXCTL_GENERATE__SEED", str(2**63 - 1), "generate.seed", 2**63 - 1),
        ("FLUXCTL_SIZES__SQUARE", "512x512", "sizes.square", "512x512"),
    ],
)
def test_a_variable_is_read_as_the_kind_of_its_setting(world, name, value, key, expected):
    world.variables[name] = value
    settings = world.load()
    found = settings.values.model_dump()
    for part in key.split("."):
        found = found[part]
    assert found == expected and type(found) is type(expected)
    assert settings.origins[key].text == f"environment variable {name}"


def test_an_empty_variable_says_nothing(world):
    world.variables |= {"FLUXCTL_PICTURES__FORMAT": "", "STEPS_FAST": " ", "HF_TOKEN": ""}
    settings = world.load()
    assert settings.values.pictures.format == "png" and settings.values.presets["fast"].steps == 4
    assert settings.secrets.hf_token is None


def test_cards_and_presets_are_reached_through_variables_too(world):
    world.variables |= {"FLUXCTL_MODELS__FLUX_1_DEV__STEPS": "30", "FLUXCTL_PRESETS__QUALITY__MODELS__EMBEDDED__STEPS": "40"}
    values = world.load().values
    assert values.models["FLUX.1-dev"].steps == 30
    assert values.presets["quality"].models["embedded"].steps == 40


def test_the_older_tools_names_change_the_presets(world):
    world.variables |= {"STEPS_QUALITY": "100", "STEPS_OF_ANOTHER_PROGRAM": "x"}
    world.write_env("export STEPS_BALANCED='20'  # enough\n")
    presets = world.load().values.presets
    assert presets["quality"].steps == 100 and presets["balanced"].steps == 20


def test_the_full_name_goes_before_the_older_one(world):
    world.variables |= {"FLUXCTL_PRESETS__FAST__STEPS": "5", "STEPS_FAST": "6"}
    assert world.load().values.presets["fast"].steps == 5


def test_a_preset_from_the_users_file_is_usable_at_once_under_both_kinds_of_name(world):
    world.write_yaml("presets:\n  my-own: {steps: 12, guidance: 2}\n")
    world.variables["STEPS_MY_OWN"] = "13"
    preset = world.load().values.presets["my-own"]
    assert (preset.steps, preset.guidance) == (13, 2.0)


def test_the_users_entries_are_merged_by_name_with_the_packaged_ones(world):
    world.write_yaml("presets: {quality: {steps: 60}}\nmodels: {embedded: {steps: 6}}\nsizes: {wide: 1536x640}\npod:\n")
    values = world.load().values
    assert values.presets["quality"].steps == 60 and values.presets["quality"].models["FLUX.1-schnell"].steps == 4
    assert values.models["embedded"].steps == 6 and values.models["embedded"].guidance == 3.5
    assert list(values.sizes) == ["square", "portrait", "landscape", "wide"]
    assert values.pod.idle_timeout_seconds == 600


def test_one_config_env_that_is_both_local_and_the_users_is_read_once(world):
    world.work = world.config
    world.write_env("RUNPOD_HOST=1.2.3.4\n")
    assert len(world.load().notes) == 1


def test_settings_cannot_be_changed_after_loading(world):
    settings = world.load()
    with pytest.raises(ValueError, match="frozen"):
        settings.values.pod.drain_seconds = 1
