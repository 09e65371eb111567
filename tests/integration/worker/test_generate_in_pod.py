"""One picture from a shell in the pod: `python -m fluxpod.generate`."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image

from fluxpod.generate import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE


def generate(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    variables = {**os.environ, "FLUXPOD_ROOT": str(folder / "root"), "PYTHONWARNINGS": "ignore"}
    return subprocess.run([sys.executable, "-m", "fluxpod.generate", *words], cwd=folder, env=variables, capture_output=True, text=True)


def test_a_picture_is_made_with_its_recipe_inside_and_the_same_seed_gives_it_again(tiny: Path, tmp_path: Path) -> None:
    words = ("a red circle é", "--model", str(tiny), "--steps", "2", "--width", "64", "--height", "96")
    first = generate(tmp_path, *words[:1], "one.png", *words[1:], "--seed", "7")
    assert (first.returncode, first.stdout) == (0, "one.png\n"), first.stderr
    assert "step 2 of 2" in first.stderr
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.size == (64, 96)
        recipe = json.loads(picture.info["fluxpod"])
        pixels = picture.tobytes()
    assert (recipe["prompt"], recipe["seeds"], recipe["steps"], recipe["source"]) == ("a red circle é", [7], 2, str(tiny))
    assert generate(tmp_path, *words[:1], "two.png", *words[1:], "--seed", "7").returncode == 0
    with Image.open(tmp_path / "two.png") as picture:
        assert picture.tobytes() == pixels


def test_a_file_that_is_there_is_not_replaced_unless_that_is_wanted(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    out.write_text("precious")
    refused = generate(tmp_path, "a fox", "out.png", "--model", str(tiny))
    assert refused.returncode == EXIT_USAGE
    assert "--force replaces it" in refused.stderr
    assert out.read_text() == "precious"
    words = ("--model", str(tiny), "--steps", "1", "--width", "64", "--height", "64", "--force")
    assert generate(tmp_path, "a fox", "out.png", *words).returncode == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_path.glob(".*"))


def test_what_cannot_be_is_said_in_a_sentence(tmp_path: Path) -> None:
    for words, named in (
        (("a fox", "out.jpg"), "does not end in .png"),
        (("a fox", "nowhere/out.png"), "mkdir -p nowhere"),
        (("a fox", "out.png", "--steps", "0"), "steps"),
        (("a fox", "out.png", "--width", "65"), "width"),
        (("a fox", "out.png", "--width", "0"), "width"),
        (("a fox", "out.png", "--height", "0"), "height"),
        (("a fox", "out.png", "--height", "-16"), "height"),
        (("a fox", "out.png", "--seed", "-1"), "seeds"),
    ):
        refused = generate(tmp_path, *words)
        assert refused.returncode == EXIT_USAGE, refused.stderr
        assert named in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_model_that_is_not_there_is_said(tmp_path: Path) -> None:
    refused = generate(tmp_path, "a fox", "out.png", "--model", str(tmp_path / "none"))
    assert refused.returncode == EXIT_FAILED
    assert "holds no diffusers model" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "out.png").exists()


def test_ctrl_c_is_a_line_and_no_picture(tiny: Path, tmp_path: Path) -> None:
    words = ("a fox", "out.png", "--model", str(tiny), "--steps", "1000", "--width", "64", "--height", "64")
    variables = {**os.environ, "FLUXPOD_ROOT": str(tmp_path / "root"), "PYTHONWARNINGS": "ignore"}
    line = [sys.executable, "-m", "fluxpod.generate", *words]
    with subprocess.Popen(line, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as made:
        assert made.stderr
        for said in made.stderr:
            if said.startswith("step 1 "):
                break
        made.send_signal(signal.SIGINT)
        rest = made.communicate(timeout=60)[1]
    assert made.returncode == EXIT_INTERRUPTED
    assert "Traceback" not in rest
    assert rest.splitlines()[-1] == "error: interrupted; no picture was made"
    assert list(tmp_path.glob("*.png")) == []
