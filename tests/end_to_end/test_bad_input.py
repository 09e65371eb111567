"""Everything that can be typed wrong: one clear message, the documented exit code, nothing made, no traceback."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image
from tests.support.shell import Shell, Typed


def refused(typed: Typed, code: int, error: str, *words: str) -> None:
    """Check one refusal, in words and in JSON."""
    assert typed.code == code, typed.err
    assert "Traceback" not in typed.err
    assert typed.err.count("error:") == 1
    for word in words:
        assert word in typed.err
    document = typed.document
    assert document["error"]["code"] == error
    assert document["error"]["message"] and document["error"]["hint"]
    assert document["pictures"] == [] and document["jobs"] == []


@pytest.fixture
def person(tiny: Path, tmp_path: Path) -> Shell:
    """Somebody whose wishes never get as far as a worker."""
    return Shell(tmp_path / "home")


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        ((""), "empty_prompt", "empty"),
        (("  \n "), "empty_prompt", "empty"),
        (("x", "--steps", "0"), "steps_out_of_range", "0"),
        (("x", "--steps", "-3"), "steps_out_of_range", "-3"),
        (("x", "--steps", "1000000"), "steps_out_of_range", "1000000"),
        (("x", "--seed", "-1"), "seed_out_of_range", "-1"),
        (("x", "--seed", str(2**63)), "seed_out_of_range", str(2**63)),
        (("x", "--seed", "seven"), "bad_seed", "seven"),
        (("x", "--count", "0"), "count_out_of_range", "0"),
        (("x", "--count", "1000000"), "count_out_of_range", "1000000"),
        (("x", "--preset", "qualty"), "unknown_preset", "quality"),
        (("x", "--model", "FLUX.1-shnell"), "unknown_model", "FLUX.1-schnell"),
        (("x", "--format", "jpg2"), "unknown_format", "jpeg"),
        (("x", "--size", "5000x5000"), "size_out_of_range", "4096"),
        (("x", "--size", "16x16"), "size_out_of_range", "64"),
        (("x", "--size", "2048x2048"), "size_out_of_range", "2048"),
        (("x", "--size", "potrait"), "unknown_size", "portrait"),
        (("x", "--4k"), "size_not_available", "4k"),
        (("x", "--guidance", "nan"), "guidance_out_of_range", "nan"),
        (("x", "--fast", "--quality"), "flags_conflict", "--fast and --quality"),
        (("x", "--portrait", "--size", "64x64"), "flags_conflict", "--size and --portrait"),
        (("x", "--provider", "runpot"), "unknown_provider", "local"),
        (("x", "--out", "fox.png", "--format", "webp"), "format_conflict", "webp"),
        ((), "no_prompt", "gen"),
        (("x", "--prompt-file", "prompts.txt"), "flags_conflict", "prompt file"),
        (("--prompt-file", "none.txt"), "no_prompt_file", "none.txt"),
        (("--from", "none.png"), "no_such_file", "none.png"),
        (("x", "--steps", "many"), "usage", "fluxctl gen --help"),
        (("x", "--sped", "7"), "usage", "--sped"),
        (("a", "red", "fox"), "usage", "red"),
    ],
)
def test_what_cannot_be_made_is_refused_before_a_worker_is_needed(person: Shell, words: tuple[str, ...], error: str, said: str) -> None:
    words = (words,) if isinstance(words, str) else words
    refused(person.type("gen", *words, "--json"), 2, error, said)
    assert person.worker_process() is None


@pytest.mark.parametrize(
    ("content", "error"), [(b"", "empty_prompt_file"), (b"\n \n", "empty_prompt_file"), (b"a fox\n\xff\xfe\n", "not_utf8")]
)
def test_a_prompt_file_without_prompts_is_refused(person: Shell, content: bytes, error: str) -> None:
    (person.work / "prompts.txt").write_bytes(content)
    refused(person.type("gen", "--prompt-file", "prompts.txt", "--json"), 2, error, "prompts.txt")


def test_the_line_that_is_not_utf8_is_named(person: Shell) -> None:
    (person.work / "prompts.txt").write_bytes(b"a fox\n\xff\xfe\n")
    assert "prompts.txt:2" in person.type("gen", "--prompt-file", "prompts.txt").err


def test_an_empty_pipe_is_an_empty_prompt(person: Shell) -> None:
    refused(person.type("gen", "-", "--json", stdin="\n"), 2, "empty_prompt")


def test_a_prompt_that_is_not_text_is_refused(person: Shell) -> None:
    refused(person.type("gen", "a fox \udcff", "--json"), 2, "prompt_not_text")
    refused(person.type("gen", "-", "--json", stdin="a\0fox"), 2, "prompt_not_text", "NUL")


@pytest.mark.parametrize("place", ["/proc/pictures/", "/dev/null/fox.png"])
def test_a_place_where_nothing_can_be_written_is_refused_before_the_work(person: Shell, place: str) -> None:
    typed = person.type("gen", "x", "--out", place, "--json")
    assert typed.code in (2, 9) and "Traceback" not in typed.err
    assert "--out" in typed.err
    assert person.worker_process() is None


def test_a_file_that_exists_is_never_written_over(person: Shell) -> None:
    (person.work / "fox.png").write_bytes(b"mine")
    refused(person.type("gen", "x", "--out", "fox.png", "--json"), 2, "file_exists", "fox.png")
    assert (person.work / "fox.png").read_bytes() == b"mine"


def test_a_picture_without_a_recipe_is_refused(person: Shell) -> None:
    Image.new("RGB", (16, 16)).save(person.work / "holiday.png")
    refused(person.type("gen", "--from", "holiday.png", "--json"), 2, "no_recipe", "holiday.png")


def test_a_text_file_called_png_is_refused(person: Shell) -> None:
    (person.work / "notes.png").write_text("not a picture")
    refused(person.type("gen", "--from", "notes.png", "--json"), 2, "not_a_picture", "notes.png")


def test_settings_that_are_not_yaml_are_refused_with_file_and_line(person: Shell) -> None:
    (person.config / "config.yaml").write_text("generate:\n  steps: [1, 2\n")
    typed = person.type("gen", "x", "--json")
    assert typed.code == 3 and "config.yaml:" in typed.err and "Traceback" not in typed.err
    assert typed.document["error"]["code"] == "not_yaml"


def test_secrets_that_others_can_read_are_refused_with_the_chmod(person: Shell) -> None:
    file = person.config / "config.env"
    file.write_text("HF_TOKEN=secret-word\n")
    file.chmod(0o644)
    typed = person.type("gen", "x", "--json")
    assert typed.code == 3 and f"chmod 600 {file}" in typed.err
    assert "secret-word" not in typed.err + typed.out


def test_a_worker_that_fails_to_load_tells_why_and_where_its_log_is(person: Shell) -> None:
    folder = person.work / "model"
    folder.mkdir()
    (folder / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    (person.config / "config.yaml").write_text(
        f"models: {{bad: {{source: {folder}, steps: 2, guidance: 1.0, maximum_sequence_length: 32, native_pixels: 4096}}}}\n"
    )
    typed = person.type("gen", "x", "--model", "bad", "--json")
    assert typed.code == 6 and "Traceback" not in typed.err.split("→")[-1]
    assert "bad" in typed.err and "worker.log" in typed.err
    assert typed.document["error"]["hint"]
    log = next(person.home.glob("state/pods/*/var/log/fluxpod/worker.log"))
    assert str(log) in typed.err
    assert person.worker_process() is None


def test_a_hub_model_that_cannot_be_reached_says_what_to_do(person: Shell) -> None:
    typed = person.type("gen", "x", "--model", "FLUX.1-schnell", "--json")
    assert typed.code == 6, typed.err
    assert "FLUX.1-schnell" in typed.err


def test_debug_shows_the_traceback_and_nothing_else_does(person: Shell) -> None:
    assert "Traceback" in person.type("gen", "", "--debug").err
    assert "Traceback" not in person.type("gen", "").err


def test_a_disk_that_is_full_while_saving_is_said_and_leaves_nothing_behind(person: Shell, tiny: Path) -> None:
    gallery = person.work / "gallery"
    gallery.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(gallery)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a small file system cannot be mounted here: only root with CAP_SYS_ADMIN can")
    try:
        (person.config / "config.yaml").write_text(
            f"models: {{tiny: {{source: {tiny}, steps: 2, guidance: 1.0, maximum_sequence_length: 32, native_pixels: 65536}}}}\n"
        )
        typed = person.type("gen", "x", "--model", "tiny", "--out", f"{gallery}/", "--json")
        assert typed.code == 9, typed.err
        assert "No space left" in typed.err and "fluxctl fetch" in typed.err
        assert list(gallery.iterdir()) == []
        subprocess.run(["mount", "-o", "remount,size=10m", str(gallery)], check=True)
        assert person.type("fetch", "--json").code == 0
        assert len(list(gallery.iterdir())) == 1
    finally:
        person.type("down")
        subprocess.run(["umount", str(gallery)], check=True)
