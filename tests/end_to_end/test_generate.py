"""`fluxctl gen` and its neighbours, from the prompt to the file and back."""

import json
from pathlib import Path

import pytest
from PIL import Image
from tests.support.shell import Shell, recipe_of

PROMPT = "a red circle on a blue background"


def test_a_prompt_becomes_a_picture_whose_path_is_all_of_stdout(shell: Shell) -> None:
    typed = shell.type("gen", PROMPT)
    assert typed.code == 0, typed.err
    (path,) = typed.paths
    with Image.open(path) as picture:
        assert picture.size == (64, 64)
        assert "a red circle" in picture.info["parameters"]


def test_the_same_seeds_give_the_same_hashes(shell: Shell) -> None:
    first, second = (shell.type("gen", "x", "--count", "3", "--seed", "7", "--json").document for _ in range(2))
    hashes = [picture["sha256"] for picture in first["pictures"]]
    assert [picture["seed"] for picture in first["pictures"]] == [7, 8, 9]
    assert len(set(hashes)) == 3
    assert [picture["sha256"] for picture in second["pictures"]] == hashes


def test_one_picture_alone_is_the_same_as_in_a_job_of_many(shell: Shell) -> None:
    many = shell.type("gen", PROMPT, "--seed", "3,4", "--json").document
    alone = shell.type("gen", PROMPT, "--seed", "4", "--json").document
    assert alone["pictures"][0]["sha256"] == many["pictures"][1]["sha256"]


def test_the_json_object_has_every_promised_key(shell: Shell) -> None:
    document = shell.type("gen", PROMPT, "--json", "--yes").document
    assert list(document) == ["schema", "provider", "model", "jobs", "pictures", "kept", "grid", "timings", "cost_usd", "error"]
    assert document["schema"] == 1 and document["provider"] == "local" and document["model"] == "tiny"
    assert set(document["timings"]) == {"ready_seconds", "denoise_seconds", "total_seconds"}
    (picture,) = document["pictures"]
    assert picture["job_id"] == document["jobs"][0]
    assert picture["prompt"] == {"typed": PROMPT, "used": PROMPT, "enhanced": False}
    assert document["error"] is None


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_picture_makes_itself_again(shell: Shell, format: str) -> None:
    made = shell.type("gen", PROMPT, "--seed", "11", "--steps", "3", "--format", format, "--json").document["pictures"][0]
    again = shell.type("gen", "--from", made["path"], "--json")
    assert again.code == 0, again.err
    assert again.document["pictures"][0]["sha256"] == made["sha256"]
    assert "the pixels are those of" in again.err


def test_flags_win_over_the_recipe_of_a_picture(shell: Shell) -> None:
    made = shell.type("gen", PROMPT, "--seed", "11", "--json").document["pictures"][0]
    recipe = recipe_of(shell.type("gen", "a star", "--from", made["path"], "--steps", "2", "--seed", "12", "--dry-run", "--json"))
    assert (recipe["steps"], recipe["seed"], recipe["prompt"]["typed"]) == (2, 12, "a star")


def test_gens_own_json_is_a_recipe_too(shell: Shell) -> None:
    typed = shell.type("gen", PROMPT, "--seed", "5", "--json")
    file = shell.work / "gen.json"
    file.write_text(typed.out)
    again = shell.type("gen", "--from", "gen.json", "--json")
    assert again.document["pictures"][0]["sha256"] == typed.document["pictures"][0]["sha256"]


def test_each_line_of_a_prompt_file_is_a_job(shell: Shell) -> None:
    (shell.work / "prompts.txt").write_text("a red circle\n\na green star\n", encoding="utf-8")
    document = shell.type("gen", "--prompt-file", "prompts.txt", "--seed", "1", "--json").document
    assert [picture["prompt"]["typed"] for picture in document["pictures"]] == ["a red circle", "a green star"]
    assert len(set(document["jobs"])) == 2


def test_a_prompt_can_be_piped_in(shell: Shell) -> None:
    document = shell.type("gen", "-", "--json", stdin="a green star\n").document
    assert document["pictures"][0]["prompt"]["typed"] == "a green star"


def test_out_names_the_file_and_its_ending_the_format(shell: Shell) -> None:
    typed = shell.type("gen", PROMPT, "--out", "deep/fox.webp")
    assert typed.paths == [shell.work / "deep" / "fox.webp"]
    with Image.open(typed.paths[0]) as picture:
        assert picture.format == "WEBP"


def test_a_picture_without_metadata_says_nothing(shell: Shell) -> None:
    (path,) = shell.type("gen", PROMPT, "--no-metadata").paths
    assert b"red circle" not in path.read_bytes()


def test_no_secret_place_or_address_is_in_a_picture(shell: Shell) -> None:
    typed = shell.type("gen", PROMPT)
    content = typed.paths[0].read_bytes()
    (token,) = shell.home.glob("state/pods/*/token")
    pod = token.parent.name
    for told in (token.read_text().strip(), pod, "http://worker", ".sock"):
        assert told.encode() not in content


def test_a_dry_run_shows_recipe_and_plan_and_makes_nothing(shell: Shell) -> None:
    before = len(shell.pictures)
    typed = shell.type("gen", PROMPT, "--preset", "quality", "--count", "2", "--dry-run", "--json")
    assert typed.code == 0
    assert [recipe["steps"] for recipe in typed.document["recipes"]] == [50, 50]
    assert typed.document["plan"]["pictures"] == 2
    assert len(shell.pictures) == before


def test_show_and_history_know_what_was_made(shell: Shell) -> None:
    made = shell.type("gen", "a green star", "--seed", "21", "--json").document["pictures"][0]
    shown = shell.type("show", made["path"], "--json").document
    assert shown["recipe"]["seed"] == 21 and shown["matches"] is True
    found = shell.type("history", "GREEN", "21", "--json").document["pictures"]
    assert made["path"] in [picture["path"] for picture in found]


def test_jobs_lists_what_was_ordered(shell: Shell) -> None:
    document = shell.type("gen", PROMPT, "--count", "2", "--json").document
    newest = shell.type("jobs", "--json").document["jobs"][0]
    assert newest["id"] == document["jobs"][0]
    assert (newest["state"], newest["pictures"], newest["pictures_home"]) == ("done", 2, 2)


def test_a_new_preset_is_yaml_alone(shell: Shell) -> None:
    file = shell.config / "config.yaml"
    before = file.read_text()
    file.write_text(before + "presets: {sketch: {steps: 2, size: 96x64}}\n")
    try:
        recipe = recipe_of(shell.type("gen", PROMPT, "--preset", "sketch", "--dry-run", "--json"))
    finally:
        file.write_text(before)
    assert (recipe["steps"], recipe["width"], recipe["height"]) == (2, 96, 64)


def test_a_size_that_is_no_multiple_of_16_is_snapped_and_said(shell: Shell) -> None:
    typed = shell.type("gen", PROMPT, "--size", "70x64", "--dry-run", "--json")
    assert recipe_of(typed)["width"] == 64
    assert "70x64" in typed.err and "64x64" in typed.err


def test_the_seed_that_was_drawn_is_said_and_kept(shell: Shell) -> None:
    typed = shell.type("gen", PROMPT, "--json")
    seed = typed.document["pictures"][0]["seed"]
    assert f"seed {seed}" in typed.err


def test_a_picture_that_cannot_be_opened_on_a_desktop_is_no_failure(shell: Shell) -> None:
    typed = shell.type("gen", PROMPT, "--open")
    assert typed.code == 0 and "no desktop" in typed.err


def test_the_worker_stays_warm_between_commands(shell: Shell) -> None:
    shell.type("gen", PROMPT)
    first = shell.worker_process()
    shell.type("gen", PROMPT)
    assert first is not None and shell.worker_process() == first


def test_a_terminal_gets_a_live_bar_and_a_pipe_plain_lines(shell: Shell) -> None:
    live = shell.type("gen", PROMPT, "--steps", "6", terminal=True)
    plain = shell.type("gen", PROMPT, "--steps", "6")
    assert "\x1b[" in live.err and "6/6" in live.err
    assert "\x1b[" not in plain.err and "step " in plain.err


def test_two_names_for_one_picture_never_overwrite(shell: Shell) -> None:
    (shell.work / "kept.png").write_bytes(b"precious")
    typed = shell.type("gen", PROMPT, "--out", "kept.png", "--json")
    assert typed.code == 2 and typed.document["error"]["code"] == "file_exists"
    assert (shell.work / "kept.png").read_bytes() == b"precious"


def test_metadata_is_json_that_other_programs_can_read(shell: Shell) -> None:
    (path,) = shell.type("gen", PROMPT, "--seed", "3").paths
    with Image.open(path) as picture:
        record = json.loads(picture.info["fluxctl"])
        assert record["schema"] == 1 and record["recipe"]["seed"] == 3
        assert "trainedAlgorithmicMedia" in str(picture.info["XML:com.adobe.xmp"])
        assert not {"prompt", "workflow", "Comment"} & set(picture.info)


def test_the_folder_of_the_settings_is_where_pictures_go(shell: Shell, tmp_path: Path) -> None:
    shell.variables["FLUXCTL_PICTURES__FOLDER"] = str(tmp_path / "gallery")
    try:
        (path,) = shell.type("gen", PROMPT).paths
    finally:
        del shell.variables["FLUXCTL_PICTURES__FOLDER"]
    assert path.is_relative_to(tmp_path / "gallery")
