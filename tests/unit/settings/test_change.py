"""Setting one value: the file keeps everything else, and is written only with what is right."""

import os

import pytest

from fluxctl.errors import SettingsError, UsageError
from fluxctl.settings.change import set_value


def changed(world, before, key, value):
    world.config_yaml.write_bytes(before.encode())
    set_value(world.environment, key, value)
    return world.config_yaml.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("", "pictures.format", "webp", "pictures:\n  format: webp\n"),
        ("# mine\n", "pictures.open", "yes", "# mine\npictures:\n  open: true\n"),
        ("# mine", "provider", "local", "# mine\nprovider: local\n"),
        ("provider: local # here\n# end\n", "provider", "null", "provider: null # here\n# end\n"),
        ("pod:\n  drain_seconds: 5  # short\n", "pod.drain_seconds", "7.5", "pod:\n  drain_seconds: 7.5  # short\n"),
        ("pod:\n    drain_seconds: 5 # a\n# b\nprovider: null\n", "pod.idle_timeout_seconds", "9",
         "pod:\n    drain_seconds: 5 # a\n    idle_timeout_seconds: 9\n# b\nprovider: null\n"),
        ("pod:\n  drain_seconds: 5", "pod.idle_timeout_seconds", "9", "pod:\n  drain_seconds: 5\n  idle_timeout_seconds: 9\n"),
        ("pod:   # later\nprovider: null\n", "pod.drain_seconds", "9", "pod:   # later\n  drain_seconds: 9\nprovider: null\n"),
        ("pod: ~\n", "pod.drain_seconds", "9", "pod: \n  drain_seconds: 9\n"),
        ("generate:\n  steps:\n  count: 2\n", "generate.steps", "9", "generate:\n  steps: 9\n  count: 2\n"),
        ("generate: {steps: 3, count: 2}\n", "generate.steps", "9", "generate: {steps: 9, count: 2}\n"),
        ("generate: {count: 2}\n", "generate.steps", "9", "generate: {count: 2, steps: 9}\n"),
        ("generate: {}\n", "generate.steps", "9", "generate: {steps: 9}\n"),
        ("{generate: {}}\n", "presets.fast.steps", "9", "{generate: {}, presets: {fast: {steps: 9}}}\n"),
        ("pod:\r\n  drain_seconds: 5\r\n", "pod.lifetime_seconds", "9", "pod:\r\n  drain_seconds: 5\r\n  lifetime_seconds: 9\r\n"),
        ("pictures:\n  folder: |-\n    /a\n\nprovider: local\n", "pictures.folder", "/b", "pictures:\n  folder: /b\nprovider: local\n"),
        ("pictures:\n  folder: |-\n    /a\n\nprovider: local\n", "pictures.format", "webp",
         "pictures:\n  folder: |-\n    /a\n  format: webp\n\nprovider: local\n"),
        ("", "pictures.folder", "~/a: b # c", "pictures:\n  folder: '~/a: b # c'\n"),
        ("", "pictures.folder", "123", "pictures:\n  folder: '123'\n"),
        ("", "pictures.folder", "~", "pictures:\n  folder: '~'\n"),
        ("pictures: {folder: x}\n", "pictures.folder", "a, b}", "pictures: {folder: 'a, b}'}\n"),
        ("", "pictures.folder", "~/Bilder/Füchse", "pictures:\n  folder: ~/Bilder/Füchse\n"),
        ("", "models.FLUX.1-dev.steps", "30", "models:\n  FLUX.1-dev:\n    steps: 30\n"),
        ("", "presets.fast.models.embedded.steps", "3", "presets:\n  fast:\n    models:\n      embedded:\n        steps: 3\n"),
        ("presets:\n  mine: {steps: 5}\n", "presets.mine.guidance", "2", "presets:\n  mine: {steps: 5, guidance: 2}\n"),
        ("generate:\n  steps: many\n", "generate.steps", "9", "generate:\n  steps: 9\n"),
        ("---\n# mine\nprovider: null\n", "generate.count", "2", "---\n# mine\nprovider: null\ngenerate:\n  count: 2\n"),
    ],
)  # fmt: skip
def test_only_the_one_value_changes(world, before, key, value, after):
    assert changed(world, before, key, value) == after


def test_every_setting_can_be_set_to_the_value_that_it_has(world):
    from fluxctl.settings.report import rows

    before = world.load()
    for row in rows(before):
        set_value(world.environment, row.key, row.text)
    after = world.load()
    assert after.values == before.values
    assert {origin.place for key, origin in after.origins.items() if key in {row.key for row in rows(before)}} == {str(world.config_yaml)}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("picture.format", "png", "did you mean pictures.format?"),
        ("pod", "5", "pod is a group"),
        ("presets.qualty.steps", "5", "did you mean presets.quality.steps?"),
        ("xyz", "5", "unknown setting xyz"),
        ("pictures.format", "jpg", "did you mean jpeg?"),
        ("generate.steps", "0", 'generate.steps is "0"'),
        ("generate.steps", "9" * 5000, "allowed: a whole number"),
        ("generate.preset", "fats", "did you mean fast?"),
        ("models.embedded.smallest_pixels", "100000", "must not go down"),
        ("pictures.folder", "a\nb", "cannot be printed"),
        ("pictures.folder", "a\udcff", "cannot be printed"),
    ],
)
def test_a_wrong_key_or_value_is_refused_and_nothing_is_written(world, key, value, words):
    with pytest.raises(UsageError) as caught:
        set_value(world.environment, key, value)
    assert words in caught.value.message
    assert list(world.config.iterdir()) == []


@pytest.mark.parametrize("key", ["RUNPOD_API_KEY", "hf_token", "anthropic_api_key", "claude.api_key"])
def test_a_secret_is_refused_with_where_it_belongs(world, key):
    with pytest.raises(SettingsError) as caught:
        set_value(world.environment, key, "abc-very-secret")
    assert str(world.config / "config.env") in caught.value.hint and "chmod 600" in caught.value.hint
    assert "abc-very-secret" not in caught.value.message + caught.value.hint
    assert list(world.config.iterdir()) == []


def test_a_file_with_something_else_wrong_is_left_alone(world):
    world.write_yaml("generate:\n  steps: many\n")
    with pytest.raises(SettingsError, match=r"generate\.steps is"):
        set_value(world.environment, "pictures.format", "webp")
    assert world.config_yaml.read_text() == "generate:\n  steps: many\n"


def test_a_file_that_cannot_be_changed_safely_is_left_alone(world):
    text = "provider: 'local'\n? pod\n: drain_seconds: 5\n"
    world.write_yaml(text)
    try:
        set_value(world.environment, "pod.drain_seconds", "6")
    except SettingsError as error:
        assert "by hand" in error.hint and world.config_yaml.read_text() == text
    else:
        assert world.load().values.pod.drain_seconds == 6


def test_the_change_names_its_line_and_what_goes_before_it(world):
    world.write_yaml("# mine\n")
    world.variables["STEPS_FAST"] = "9"
    change = set_value(world.environment, "presets.fast.steps", "3")
    assert change.place == f"{world.config_yaml}:4"
    assert change.warning == "environment variable STEPS_FAST goes before it"
    assert set_value(world.environment, "presets.balanced.steps", "3").warning == ""


def test_the_files_mode_stays_and_a_link_stays_a_link(world, tmp_path):
    target = tmp_path / "dotfiles.yaml"
    target.write_text("provider: null\n")
    target.chmod(0o644)
    world.config_yaml.symlink_to(target)
    set_value(world.environment, "provider", "local")
    assert world.config_yaml.is_symlink() and target.read_text() == "provider: local\n"
    assert target.stat().st_mode & 0o777 == 0o644


def test_the_config_folder_is_made(world):
    world.config.rmdir()
    set_value(world.environment, "provider", "local")
    assert world.config.stat().st_mode & 0o077 == 0
    assert world.config_yaml.stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_an_error_that_says_so(world):
    world.config.rmdir()
    world.config.parent.rmdir()
    world.config.parent.write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match="cannot be written"):
        set_value(world.environment, "provider", "local")


def test_a_full_disk_leaves_the_old_file(world, monkeypatch):
    world.write_yaml("provider: null\n")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left on device"):
        set_value(world.environment, "provider", "local")
    assert [path.name for path in world.config.iterdir()] == ["config.yaml"]
    assert world.config_yaml.read_text() == "provider: null\n"
