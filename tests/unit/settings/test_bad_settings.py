"""Everything wrong in a settings file or variable is refused with its place, what is allowed, and the nearest right name."""

import pytest

from fluxctl.errors import ExitCode


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("pod:\n  idle_timout_seconds: 5\n", 2, "unknown setting pod.idle_timout_seconds; did you mean pod.idle_timeout_seconds?"),
        ("pictuers:\n  format: png\n", 1, "unknown setting pictuers; did you mean pictures?"),
        ("# x\nsteps: 5\n", 2, "unknown setting steps; did you mean generate.steps?"),
        ("presets:\n  fast:\n    stepps: 5\n", 3, "did you mean presets.fast.steps?"),
        ("pictures: {format: jpg}\n", 1, 'pictures.format is "jpg"; allowed: png, jpeg, webp; did you mean jpeg?'),
        ("generate:\n  steps: many\n", 2, 'generate.steps is "many"; allowed: a whole number from 1 to 1000, or null'),
        ("generate:\n  steps: yes\n", 2, "generate.steps is yes (YAML reads it as true or false)"),
        ('generate:\n  steps: "28"\n', 2, 'generate.steps is "28"; allowed: a whole number'),
        ("generate:\n  steps: 0\n", 2, "generate.steps is 0; allowed: a whole number from 1 to 1000"),
        ("generate:\n  steps: 28.5\n", 2, "generate.steps is 28.5; allowed: a whole number"),
        ("generate:\n  steps: [1]\n", 2, "generate.steps is a list"),
        ("generate:\n  count: null\n", 2, "generate.count is null; allowed: a whole number from 1 to 1000"),
        ("generate:\n  guidance: .nan\n", 2, "generate.guidance is .nan; allowed: a number from 0 to 100"),
        ("generate:\n  guidance: 1e3\n", 2, "generate.guidance is"),
        ("generate:\n  seed: 9223372036854775808\n", 2, "allowed: a whole number from 0 to 9223372036854775807"),
        ("generate:\n  seed: -1\n", 2, "generate.seed is -1"),
        ("pod:\n  drain_seconds: 0\n", 2, "pod.drain_seconds is 0; allowed: a number above 0 and at most 2592000"),
        ("pod:\n  drain_seconds: true\n", 2, "pod.drain_seconds is true; allowed: a number"),
        ("pod: 600\n", 1, "pod is 600; names and values are expected below it"),
        ("pictures:\n  open: maybe\n", 2, "allowed: true or false"),
        ("provider: locale\n", 1, "allowed: local, docker, runpod, or null; did you mean local?"),
        ("generate:\n  preset: qualty\n", 2, "generate.preset is qualty, which is none; did you mean quality?"),
        ("generate:\n  model: FLUX-dev\n", 2, "did you mean FLUX.1-dev?"),
        ("generate:\n  size: portrat\n", 2, "did you mean portrait?"),
        ("presets:\n  fast:\n    models:\n      embeded: {steps: 3}\n", 4, "did you mean embedded?"),
        ("presets:\n  fast: 4\n", 2, "presets.fast is 4; names and values are expected below it"),
        ("presets:\n  mine:\n", 2, "presets.mine is nothing; names and values are expected below it"),
        ("presets:\n  two words: {steps: 3}\n", 2, "a name begins with a letter or a digit"),
        ("sizes:\n  big: 1024\n", 2, "sizes.big is 1024; allowed: WIDTHxHEIGHT in pixels"),
        ("sizes:\n  big: 5000x1000\n", 2, "sizes.big is 5000x1000; each side from 64 to 4096 pixels"),
        (
            "models:\n  embedded:\n    source: here\n",
            3,
            'models.embedded.source is "here"; allowed: embedded, a Hugging Face id (owner/name), or',
        ),
        ("models:\n  mine:\n    source: a/b\n", 2, "models.mine lacks steps (a whole number from 1 to 1000)"),
        ("models:\n  embedded:\n    smallest_pixels: 70000\n", 2, "must not go down"),
        ("pod:\n  drain_seconds: 5\n  drain_seconds: 6\n", 3, "pod.drain_seconds stands here a second time; the first is in line 2"),
        ("pod:\n\tdrain_seconds: 5\n", 2, "this is not YAML"),
        ("a: b: c\n", 1, "this is not YAML"),
        ("pod: {\n", 2, "this is not YAML"),
        ("provider: local\n---\nprovider: null\n", 2, "this is not YAML"),
        ("# fine\nprovider: \x01\n", 2, "this is not YAML"),
        ("just words\n", 1, "names and values are expected here"),
        ("- a\n", 1, "names and values are expected here"),
        ("? [a, b]\n: 5\n", 1, "a name is expected before the colon"),
        ("pod: &p {drain_seconds: 5}\nworker: *p\n", 1, "aliases (*name) are not read here"),
        ("provider: !!python/name:os.system x\n", 1, "the tag"),
        ("generate:\n  seed: " + "9" * 5000 + "\n", 2, "generate.seed is"),
    ],
)
def test_a_wrong_settings_file_is_refused_with_its_line(world, text, line, words):
    world.write_yaml(text)
    error = world.refusal()
    assert error.exit_code == ExitCode.SETTINGS
    assert error.message.startswith(f"{world.config_yaml}:{line}: ")
    assert words in error.message
    assert error.hint


def test_everything_wrong_with_a_file_is_said_at_once_in_the_order_of_its_lines(world):
    world.write_yaml("generate:\n  steps: 0\npictures:\n  formatt: png\n  open: 3\n")
    lines = world.refusal().message.split("\n")
    assert [line.strip().removeprefix(f"{world.config_yaml}:")[0] for line in lines] == ["2", "4", "5"]


def test_a_file_that_is_not_utf8_is_refused_with_its_line(world):
    world.config_yaml.write_bytes(b"provider: local\n# caf\xe9\n")
    assert world.refusal().message == f"{world.config_yaml}:2: this is not UTF-8 text; save the file as UTF-8"


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 3_000, "{a: " * 3_000 + "1" + "}" * 3_000, "? " * 3000])
def test_a_file_nested_without_end_is_refused(world, text):
    world.write_yaml(text)
    assert str(world.config_yaml) in world.refusal().message


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read(world):
    world.config_yaml.write_bytes(b"\xef\xbb\xbfpod:\r\n  drain_seconds: 5\r\n")
    assert world.load().values.pod.drain_seconds == 5


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "pod:\n", "---\n"])
def test_a_file_without_settings_changes_nothing(world, text):
    world.write_yaml(text)
    assert world.load().values.pod.drain_seconds == 120


@pytest.mark.parametrize("key", ["RUNPOD_API_KEY", "hf_token", "claude_api-key"])
def test_a_secret_in_a_yaml_file_is_refused_and_not_shown(world, key):
    world.write_yaml(f"{key}: abc-very-secret\n")
    error = world.refusal()
    assert "config.env" in error.message and key in error.message
    assert "abc-very-secret" not in error.message + error.hint


def test_a_wrong_value_is_refused_even_where_a_higher_layer_hides_it(world):
    world.write_yaml("generate:\n  steps: 0\n")
    world.variables["FLUXCTL_GENERATE__STEPS"] = "5"
    assert "generate.steps is 0" in world.refusal().message


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FLUXCTL_GENERATE__STEP", "5", "did you mean FLUXCTL_GENERATE__STEPS?"),
        ("FLUXCTL_STEPS_QUALITY", "5", "unknown name FLUXCTL_STEPS_QUALITY"),
        ("FLUXCTL_POD", "5", "is a group; set a value in it, such as FLUXCTL_POD__"),
        ("FLUXCTL_PRESETS__MINE__STEPS", "5", "unknown name FLUXCTL_PRESETS__MINE__STEPS"),
        ("FLUXCTL_GENERATE__STEPS", "5.0", 'generate.steps is "5.0"; allowed: a whole number'),
        ("FLUXCTL_GENERATE__STEPS", "٣", "allowed: a whole number"),
        ("FLUXCTL_GENERATE__COUNT", "null", 'generate.count is "null"'),
        ("FLUXCTL_POD__DRAIN_SECONDS", "inf", "allowed: a number above 0"),
        ("FLUXCTL_PICTURES__OPEN", "2", "allowed: true or false"),
        ("STEPS_QUALITY", "0", 'presets.quality.steps is "0"; allowed: a whole number from 1 to 1000'),
        ("STEPS_QUALITY", "lots", "presets.quality.steps"),
    ],
)
def test_a_wrong_variable_is_refused_by_its_name(world, name, value, words):
    world.variables[name] = value
    error = world.refusal()
    assert error.message.startswith(f"environment variable {name}: ") and words in error.message


def test_fluxctl_home_is_no_unknown_name(world):
    assert "FLUXCTL_HOME" in world.variables
    world.load()
