"""config.env: how its lines are read, who may read it, and what it may hold."""

import shlex

import pytest


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("HF_TOKEN=abc", "abc"),
        ("export HF_TOKEN=abc", "abc"),
        ("  HF_TOKEN = abc  ", "abc"),
        ("HF_TOKEN='a b#c'", "a b#c"),
        ('HF_TOKEN="a\\"b$c" # mine', 'a"b$c'),
        ("HF_TOKEN=abc # mine", "abc"),
        ("HF_TOKEN=a#b", "a#b"),
        ("HF_TOKEN=a=b==", "a=b=="),
        ("HF_TOKEN=abc\r", "abc"),
        ("\ufeffHF_TOKEN=abc", "abc"),
        ("HF_TOKEN=old\nHF_TOKEN=abc", "abc"),
        ("# HF_TOKEN=old\n\nHF_TOKEN=abc", "abc"),
    ],
)
def test_lines_are_read_as_a_shell_reads_them(world, line, value):
    world.write_env(line + "\n")
    token = world.load().secrets.hf_token
    assert token is not None and token.reveal() == value


@pytest.mark.parametrize("line", ["HF_TOKEN=", "HF_TOKEN=''", "HF_TOKEN=  # to do", "#HF_TOKEN=x"])
def test_an_empty_value_is_no_secret(world, line):
    world.write_env(line)
    assert world.load().secrets.hf_token is None


@pytest.mark.parametrize(
    ("line", "words"), [("abc-very-secret", "this is not NAME=VALUE"), ("HF_TOKEN='abc-very-secret", "quotes of HF_TOKEN")]
)
def test_a_line_that_is_none_is_refused_with_its_number_and_not_shown(world, line, words):
    path = world.write_env(f"# keys\n{line}\n")
    message = world.refusal().message
    assert message.startswith(f"{path}:2: ") and words in message
    assert "abc-very-secret" not in message


def test_an_unknown_name_is_refused_with_the_nearest_and_its_value_is_not_shown(world):
    path = world.write_env("RUNPOD_APIKEY=abc-very-secret\n")
    message = world.refusal().message
    assert message == f"{path}:1: unknown name RUNPOD_APIKEY; did you mean RUNPOD_API_KEY?"


@pytest.mark.parametrize(("name", "right"), [("STEPS_QUALTY", "STEPS_QUALITY"), ("FLUXCTL_PICTURES__FORMATT", "FLUXCTL_PICTURES__FORMAT")])
def test_a_mistyped_setting_is_refused_with_the_nearest(world, name, right):
    world.write_env(f"{name}=5\n")
    assert f"did you mean {right}?" in world.refusal().message


def test_the_home_cannot_be_moved_from_inside_it(world):
    world.write_env("FLUXCTL_HOME=/elsewhere\n")
    assert "only read from the environment" in world.refusal().message


def test_the_older_tools_address_is_left_aside_with_a_hint(world):
    names = ["RUNPOD_HOST", "RUNPOD_PORT", "RUNPOD_USER", "RUNPOD_POD_ID"]
    path = world.write_env("".join(f"{name}=x\n" for name in names) + "STEPS_FAST=3\n")
    settings = world.load()
    told = [note.split(" is not needed")[0] for note in settings.notes]
    assert told == [f"{path}:{line}: {name}" for line, name in enumerate(names, start=1)]
    assert settings.values.presets["fast"].steps == 3


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o777, 0o610])
@pytest.mark.parametrize("local", [True, False])
def test_a_file_that_others_can_read_is_refused_with_the_command_to_type(world, mode, local):
    path = world.write_env("HF_TOKEN=abc-very-secret\n", world.work if local else world.config, mode)
    error = world.refusal()
    assert error.code == "config_env_readable"
    assert error.hint == f"chmod 600 {shlex.quote(str(path))}"
    assert "abc-very-secret" not in error.message


def test_the_command_to_type_is_quoted_for_the_shell(make_world, tmp_path):
    world = make_world(tmp_path / "my pictures")
    path = world.write_env("", world.work, 0o644)
    assert world.refusal().hint == f"chmod 600 '{path}'"


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_ones_own_is_read(world, mode):
    world.write_env("HF_TOKEN=abc\n", mode=mode)
    assert world.load().secrets.hf_token is not None


def test_a_config_yaml_that_others_can_read_is_fine(world):
    world.write_yaml("provider: local\n")
    world.config_yaml.chmod(0o644)
    assert world.load().values.provider == "local"


def test_a_folder_in_the_files_place_is_refused(world):
    (world.config / "config.env").mkdir(mode=0o700)
    assert world.refusal().message == f"{world.config / 'config.env'} is not a file"


def test_bytes_that_are_not_text_are_refused_with_their_line(world):
    path = world.write_env("")
    path.write_bytes(b"\nHF_TOKEN=\xff\n")
    assert world.refusal().message.startswith(f"{path}:2: this is not UTF-8")
